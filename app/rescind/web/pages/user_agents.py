"""What a browser says of itself, in a few words for people, so that they know it again on a list.

It says what it likes: nothing is decided by it. Kept are names of ours and a number, never its own text.
"""

import re
from collections.abc import Sequence

from flask import Request

_LONGEST = 512
# In this order, as most call themselves by the names of others too.
_BROWSERS = (
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/(\d{1,4})")),
    ("Opera", re.compile(r"(?:OPR|OPT|Opera)/(\d{1,4})")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/(\d{1,4})")),
    ("Vivaldi", re.compile(r"Vivaldi/(\d{1,4})")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d{1,4})")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS)/(\d{1,4})")),
    ("Safari", re.compile(r"Version/(\d{1,4})[0-9.]* (?:Mobile/\w+ )?Safari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"iPhone")),
    ("iPad", re.compile(r"iPad")),
    ("Android", re.compile(r"Android")),
    ("ChromeOS", re.compile(r"CrOS")),
    ("Windows", re.compile(r"Windows")),
    ("macOS", re.compile(r"Mac OS X|Macintosh")),
    ("Linux", re.compile(r"Linux|X11")),
)


def described(request: Request) -> str | None:
    """Say which browser on which system has sent a request, such as `Firefox 140 on Windows`.

    Returns:
        None where neither is known.
    """
    said = request.headers.get("User-Agent", "")[:_LONGEST]
    browser, system = _first(_BROWSERS, said), _first(_SYSTEMS, said)
    if browser is None:
        return f"A browser on {system}" if system is not None else None
    return f"{browser} on {system}" if system is not None else browser


def _first(known: Sequence[tuple[str, re.Pattern[str]]], said: str) -> str | None:
    for name, pattern in known:
        found = pattern.search(said)
        if found is not None:
            return " ".join((name, *found.groups()))
    return None
