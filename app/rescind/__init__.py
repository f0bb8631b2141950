"""Rescind: the OAuth 2.0 authorization server where revoked means revoked."""

from rescind.version import __version__
from rescind.web.application import create_app
from rescind.web.extension import Rescind

__all__ = ["Rescind", "__version__", "create_app"]
