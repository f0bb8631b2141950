"""The options of `client` and `tenant` by which refresh tokens are handled."""

from collections.abc import Callable

import click

from rescind.domain.registry.refresh_options import DEFAULT, END, MOST_GRACE_SECONDS, OFF, ON, REFUSE


def refresh_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options. `default` takes away what was set: of a client, its tenant's holds then."""
    options = (
        click.option(
            "--refresh-grace",
            "refresh_grace_seconds",
            metavar=f"S|{DEFAULT}",
            help="Processes of a client share a refresh token: for so many seconds, 0 to "
            f"{MOST_GRACE_SECONDS}, a replaced one gets the same successors, and the new one is not "
            "replaced again.",
        ),
        click.option(
            "--on-reuse",
            type=click.Choice((END, REFUSE, DEFAULT)),
            help="What comes of a replaced refresh token after that: its grant ends, or it is refused.",
        ),
        click.option(
            "--rotation",
            "is_rotating",
            type=click.Choice((ON, OFF, DEFAULT)),
            help="Whether a use replaces the refresh token; off is for clients that authenticate with keys.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function
