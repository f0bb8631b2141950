"""The cookies of the pages: for this host alone and, on it, for the tenant's addresses."""

from urllib.parse import urlsplit

import flask
from flask import Response

from rescind.store.records import TenantRecord


def tenant_path(tenant: TenantRecord) -> str:
    """Give the path under which browsers see a tenant's pages, which may lie behind that of a proxy."""
    return f"{urlsplit(_public_url()).path}/t/{tenant.name}"


def set_cookie(response: Response, name: str, tenant: TenantRecord, value: str) -> None:
    """Set a cookie until the browser is closed."""
    response.set_cookie(
        name,
        value,
        path=tenant_path(tenant),
        httponly=True,
        samesite="Lax",
        secure=_public_url().startswith("https:"),
    )


def clear_cookie(response: Response, name: str, tenant: TenantRecord) -> None:
    """Take a cookie away."""
    response.delete_cookie(
        name,
        path=tenant_path(tenant),
        httponly=True,
        samesite="Lax",
        secure=_public_url().startswith("https:"),
    )


def _public_url() -> str:
    url: str = flask.current_app.extensions["rescind"].authority.settings.public_url
    return url
