"""Rescind: the OAuth 2.0 authorization server where revoked means revoked."""

from rescind.web.application import create_app
from rescind.web.extension import Rescind

__version__ = "0.1.0"

__all__ = ["Rescind", "__version__", "create_app"]
