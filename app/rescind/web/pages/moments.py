"""Times as people read them: how long ago, and exactly."""

from datetime import UTC, datetime

_UNITS = ((86_400 * 365, "year"), (86_400 * 30, "month"), (86_400, "day"), (3600, "hour"), (60, "minute"))


def moment(at: int) -> str:
    """Say a time exactly."""
    return datetime.fromtimestamp(at, UTC).strftime("%-d %B %Y, %H:%M UTC")


def iso(at: int) -> str:
    """Write a time as HTML has it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ")


def ago(at: int, now: int) -> str:
    """Say how long ago a time is, in the greatest unit of which it is one or more."""
    passed = now - at
    for seconds, unit in _UNITS:
        number = passed // seconds
        if number >= 1:
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "just now"
