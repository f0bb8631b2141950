"""The cookies of the pages: for this host alone and, on it, for one tenant.

A page of a neighbouring host can set a cookie for ours, with a longer path, so that it comes first. With
https the names begin with `__Host-`: browsers take such a cookie from this host alone (RFC 6265bis section
4.1.3.2). It is sent with every path, so the tenant is in its name. With http, which is for this machine
alone, the tenant is in its path.
"""

import re
from typing import Any
from urllib.parse import urlsplit

import flask
from flask import Request, Response

from rescind.store.records import TenantRecord

SESSION = "rescind_session"
BROWSER = "rescind_browser"
# As we make them; whatever else is in a browser has never been one of ours.
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{43}")


def tenant_path(tenant: TenantRecord) -> str:
    """Give the path under which browsers see a tenant's pages, which may lie behind that of a proxy."""
    return f"{public_path()}/t/{tenant.name}"


def public_path() -> str:
    """Give the path of the public URL; empty where it has none."""
    return urlsplit(_public_url()).path


def values_of(request: Request, name: str, tenant: str) -> list[str]:
    """Give the values that a browser sends for a tenant under a name, each once, all that may be ours.

    More than one is not our doing, and which of them is ours is not known.
    """
    sent = request.cookies.getlist(_name_at(name, tenant))
    return list(dict.fromkeys(value for value in sent if _WELL_FORMED.fullmatch(value)))


def value_of(request: Request, name: str, tenant: str) -> str | None:
    """Give the value that a browser sends for a tenant under a name; None where it sends several."""
    values = values_of(request, name, tenant)
    return values[0] if len(values) == 1 else None


def are_several(request: Request, tenant: str, *names: str) -> bool:
    """Tell whether a browser sends more than one value for a tenant under one of the names."""
    return any(len(values_of(request, name, tenant)) > 1 for name in names)


def set_cookie(response: Response, name: str, tenant: TenantRecord, value: str) -> None:
    """Set a cookie until the browser is closed."""
    response.set_cookie(_name_at(name, tenant.name), value, **_attributes(tenant))


def clear_cookie(response: Response, name: str, tenant: TenantRecord) -> None:
    """Take a cookie away."""
    response.delete_cookie(_name_at(name, tenant.name), **_attributes(tenant))


def _name_at(name: str, tenant: str) -> str:
    return f"__Host-{name}_{tenant}" if _is_https() else name


def _attributes(tenant: TenantRecord) -> dict[str, Any]:
    path = "/" if _is_https() else tenant_path(tenant)
    return {"path": path, "httponly": True, "samesite": "Lax", "secure": _is_https()}


def _is_https() -> bool:
    return _public_url().startswith("https:")


def _public_url() -> str:
    url: str = flask.current_app.extensions["rescind"].authority.settings.public_url
    return url
