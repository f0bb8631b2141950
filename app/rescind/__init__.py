"""Rescind: the OAuth 2.0 authorization server where revoked means revoked."""

import importlib
from typing import TYPE_CHECKING, Any

from rescind.version import __version__

if TYPE_CHECKING:
    from rescind.domain.revoking.selectors import Access, Client, Grant, Session, Subject, Tenant, Token
    from rescind.web.application import create_app
    from rescind.web.extension import Rescind

__all__ = [
    "Access",
    "Client",
    "Grant",
    "Rescind",
    "Session",
    "Subject",
    "Tenant",
    "Token",
    "__version__",
    "create_app",
]

_SELECTORS = "rescind.domain.revoking.selectors"
# Loaded when they are asked for: no command, of ours or of any `flask`, waits for what it does not use.
_PLACES = dict.fromkeys(("Access", "Client", "Grant", "Session", "Subject", "Tenant", "Token"), _SELECTORS)
_PLACES |= {"create_app": "rescind.web.application", "Rescind": "rescind.web.extension"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
