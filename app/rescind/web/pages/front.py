"""Pages for who comes to an address by hand: what this is, and where what they look for may be."""

import flask
from flask import Blueprint, Response

from rescind.domain.authority import Authority
from rescind.web.endpoints import tenancy
from rescind.web.pages import cookies, problems, rendering
from rescind.web.wire import replies
from rescind.web.wire.replies import ProblemError


class FrontPage:
    """The page of each tenant."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def front(self, tenant: str) -> Response:
        """Show what the tenant's server is."""
        record = tenancy.admit(self._authority, tenant).tenant
        _allow_reading()
        issuer = self._authority.settings.issuer(record.name)
        path = cookies.tenant_path(record)
        return rendering.render(
            "front.html",
            record,
            account=f"{path}/account",
            metadata=f"{issuer}/.well-known/openid-configuration",
        )


def make_blueprint(authority: Authority) -> Blueprint:
    """Make the route of the stand-alone server's own page. It names no tenant: who has one, knows it."""
    blueprint = Blueprint("rescind_front", __name__)

    def front() -> Response:
        _allow_reading()
        issuer = authority.settings.issuer("TENANT")
        return rendering.render(
            "front.html",
            None,
            account=f"{issuer.removesuffix('/oauth2/token')}/account",
            metadata=f"{issuer}/.well-known/openid-configuration",
        )

    @blueprint.route("/", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def root() -> Response:
        return replies.answering_with(problems.error_page, front)

    return blueprint


def _allow_reading() -> None:
    if flask.request.method not in {"GET", "HEAD"}:
        raise ProblemError(405, allow="GET, HEAD")
