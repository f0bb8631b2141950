"""Times as people write them."""

import datetime
import re

import click

# Of year 9999; no clock shows a later one.
LATEST = 253_402_300_799
# With fewer digits it is a date.
_SECONDS = re.compile(r"[0-9]{9,12}")


def moment(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """Read the time that an option has: ISO 8601, or seconds since 1970. Gives those, whole ones.

    Without a zone it is UTC, and a date is its first second.

    Raises:
        BadParameter: it is none.
    """
    if text is None:
        return None
    seconds = _read(text.strip())
    if seconds is None or not 0 <= seconds <= LATEST:
        raise click.BadParameter(f"{text!r} is no time: write 2026-11-30 or 2026-11-30T16:00, in UTC.")
    return seconds


def _read(text: str) -> int | None:
    if _SECONDS.fullmatch(text):
        return int(text)
    try:
        found = datetime.datetime.fromisoformat(text)
        return int((found if found.tzinfo else found.replace(tzinfo=datetime.UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
