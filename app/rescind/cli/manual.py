"""`rescind manual`: the pages of the manual, which are in the package.

They are Markdown. A page begins with its title and a sentence that says what it is about.
"""

import sys
from importlib import resources
from importlib.resources.abc import Traversable

import click

from rescind.cli.commands import Job, command

_SUFFIX = ".md"
_FOLDER = resources.files("rescind").joinpath("manual")
_PAGES: dict[str, Traversable] = {
    page.name.removesuffix(_SUFFIX): page
    for page in sorted(_FOLDER.iterdir(), key=lambda page: page.name)
    if page.name.endswith(_SUFFIX)
}
_NONE = "This package was made without its manual."


@command("manual")
@click.argument("topic", metavar="[TOPIC]", type=click.Choice(list(_PAGES)), required=False)
def show(job: Job, topic: str | None) -> None:
    """Show a page of the manual; without a topic, list them all.

    On a terminal it is laid out and paged, elsewhere it is the Markdown as it stands.
    """
    if topic is None:
        job.out.records(({"topic": name, "about": _about(page)} for name, page in _PAGES.items()), _NONE)
    elif job.out.as_json:
        job.out.record({"topic": topic, "text": _PAGES[topic].read_text(encoding="utf-8")})
    elif sys.stdout.isatty():
        from rescind.cli.markdown import lay_out  # which every other command would wait for

        click.echo_via_pager(lay_out(_PAGES[topic].read_text(encoding="utf-8")))
    else:
        # Its bytes, so that it is the same under every locale.
        click.echo(_PAGES[topic].read_bytes(), nl=False)


def _about(page: Traversable) -> str:
    _title, opening, *_rest = page.read_text(encoding="utf-8").split("\n\n")
    return opening


def add_to(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(show)
