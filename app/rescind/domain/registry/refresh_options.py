"""What can be set for the refresh tokens of a client, or of a tenant's clients; None is not set."""

from collections.abc import Callable, Mapping
from typing import Any

from rescind.errors import BadValue

DEFAULT = "default"
END, REFUSE = "end", "refuse"
ON, OFF = "on", "off"
MOST_GRACE_SECONDS = 1800


def usable(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Take what is set out of a tenant's settings; what is not what it must be counts as not set."""
    return {name: _usable(check, settings.get(name)) for name, check in CHECKS.items()}


def described(
    refresh_grace_seconds: int | None, on_reuse: str | None, is_rotating: bool | None
) -> dict[str, Any]:
    """Say what is set as operators set it."""
    rotation = None if is_rotating is None else ON if is_rotating else OFF
    return {"refresh_grace_seconds": refresh_grace_seconds, "on_reuse": on_reuse, "rotation": rotation}


def _grace(value: object) -> int | None:
    if value == DEFAULT:
        return None
    seconds = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds <= MOST_GRACE_SECONDS:
        raise BadValue(f"A refresh grace is 0 to {MOST_GRACE_SECONDS} seconds, or {DEFAULT}.")
    return seconds


def _reaction(value: object) -> str | None:
    if value not in (END, REFUSE, DEFAULT):
        raise BadValue(f"What comes of a reuse is one of: {END}, {REFUSE}, {DEFAULT}.")
    return None if value == DEFAULT else str(value)


def _rotation(value: object) -> bool | None:
    if value is True or value is False:
        return value
    if value not in (ON, OFF, DEFAULT):
        raise BadValue(f"Rotation is one of: {ON}, {OFF}, {DEFAULT}.")
    return None if value == DEFAULT else value == ON


def _usable(check: Callable[[object], Any], value: object) -> Any:
    try:
        return None if value is None else check(value)
    except BadValue:
        return None


# By the names of a client's columns; the word `default` takes away what was set.
CHECKS: dict[str, Callable[[object], Any]] = {
    "refresh_grace_seconds": _grace,
    "on_reuse": _reaction,
    "is_rotating": _rotation,
}
