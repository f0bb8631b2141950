"""Rescind: the OAuth 2.0 authorization server where revoked means revoked."""

from rescind.domain.revoking.selectors import Client, Grant, Session, Subject, Tenant, Token
from rescind.version import __version__
from rescind.web.application import create_app
from rescind.web.extension import Rescind

__all__ = [
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
