"""The cookies of the pages: for this host alone and, on it, for the tenant's addresses."""

from typing import Any
from urllib.parse import urlsplit

import flask
from flask import Request, Response

from rescind.store.records import TenantRecord

_MOST_VALUES = 4


def tenant_path(tenant: TenantRecord) -> str:
    """Give the path under which browsers see a tenant's pages, which may lie behind that of a proxy."""
    return f"{public_path()}/t/{tenant.name}"


def public_path() -> str:
    """Give the path of the public URL; empty where it has none."""
    return urlsplit(_public_url()).path


def values_of(request: Request, name: str) -> list[str]:
    """Give the values that a browser sends under a name, each once.

    More than one is not our doing: a page of a neighbouring host may have set it, for a longer path.
    """
    return list(dict.fromkeys(value for value in request.cookies.getlist(name) if value))[:_MOST_VALUES]


def set_cookie(response: Response, name: str, tenant: TenantRecord, value: str) -> None:
    """Set a cookie until the browser is closed."""
    response.set_cookie(name, value, **_attributes(tenant))


def clear_cookie(response: Response, name: str, tenant: TenantRecord) -> None:
    """Take a cookie away."""
    response.delete_cookie(name, **_attributes(tenant))


def _attributes(tenant: TenantRecord) -> dict[str, Any]:
    is_https = _public_url().startswith("https:")
    return {"path": tenant_path(tenant), "httponly": True, "samesite": "Lax", "secure": is_https}


def _public_url() -> str:
    url: str = flask.current_app.extensions["rescind"].authority.settings.public_url
    return url
