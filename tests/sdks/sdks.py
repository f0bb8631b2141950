"""A client as people use it: what it is told, what it does, and how it says that it can not.

What tokens it got is read off the wire. `SdkError` is what it says itself, when it gives up.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

FOLDER = Path(__file__).parent
SCOPE = "openid notes email"


class SdkError(Exception):
    """The client gave up."""


def is_refused(step: Callable[[], object]) -> bool:
    """Tell whether a client can't do a step."""
    try:
        step()
    except SdkError:
        return True
    return False


@dataclass(frozen=True)
class Given:
    """What a client is told of itself and of the server."""

    base: str
    issuer: str
    client_id: str
    client_secret: str | None
    method: str
    redirect_uri: str
    scope: str = SCOPE

    def filled_in(self, text: str, **values: str) -> str:
        """Put it in the place of what a text has for it: a page of ours, or a sample of the document."""
        text = text.replace("http://127.0.0.1:8000/t/bifrost", self.base).replace(
            '"spa"', f'"{self.client_id}"'
        )
        text = text.replace("http://localhost:3000", self.redirect_uri.rstrip("/"))
        text = re.sub(r"https://api\.asgardeo\.io/t/<\w+>", self.base, text)
        for name, value in {"client_id": self.client_id, **values}.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def as_json(self) -> str:
        """Write it down as the scripts of Node read it."""
        words = {
            re.sub(r"_(\w)", lambda found: found[1].upper(), name): value
            for name, value in asdict(self).items()
        }
        return json.dumps(words)


class Sdk(Protocol):
    """One client in use."""

    def sign_in(self) -> None:
        """Send the person to the server, and fetch tokens with what they come back with."""

    def userinfo(self) -> Any:
        """Ask who it is."""

    def refresh(self) -> None:
        """Get new tokens."""

    def revoke(self) -> None:
        """Revoke, as the client does it."""

    def introspect(self) -> list[bool]:
        """Ask whether the access token is active: an answer of a client that may ask, else none."""

    def has_ended(self) -> bool:
        """Tell whether the client itself finds that its tokens are good for nothing."""

    def sign_out(self) -> None:
        """Sign the person out at the server, and come back."""
