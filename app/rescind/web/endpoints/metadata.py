"""What a tenant's server can do (RFC 8414, OpenID Connect Discovery), and the keys with which it signs."""

from functools import partial

import flask
from flask import Request, Response

from rescind.domain.authority import Authority
from rescind.domain.registry import keys, tenants
from rescind.protocol.rfc8414_metadata import metadata
from rescind.store.records import TenantRecord
from rescind.web.endpoints import tenancy
from rescind.web.wire import cors, replies
from rescind.web.wire.replies import ProblemError

_KEEP = ("Cache-Control", f"public, max-age={keys.CACHE_SECONDS}")


class Metadata:
    """The public documents of all tenants, which any page may read."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def metadata(self, tenant: str) -> Response:
        """RFC 8414, and OpenID Connect Discovery: describe the tenant's server."""
        request = flask.request
        record = tenancy.admit(self._authority, tenant).tenant
        reply = partial(replies.answering, self._metadata_reply, request, record)
        return cors.shared(self._authority, request, record.id, "GET", reply, is_public=True)

    def jwks(self, tenant: str) -> Response:
        """OpenID Connect Core section 10.1: give the public keys with which the tenant signs."""
        request = flask.request
        record = tenancy.admit(self._authority, tenant).tenant
        reply = partial(replies.answering, self._jwks_reply, request, record)
        return cors.shared(self._authority, request, record.id, "GET", reply, is_public=True)

    def _metadata_reply(self, request: Request, tenant: TenantRecord) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return replies.error_reply(ProblemError(405, allow="GET, HEAD"))
        set_ = tenants.settings_of(self._authority, tenant)
        return replies.json_reply(200, metadata(self._authority.settings.issuer(tenant.name), set_), [_KEEP])

    def _jwks_reply(self, request: Request, tenant: TenantRecord) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return replies.error_reply(ProblemError(405, allow="GET, HEAD"))
        return replies.json_reply(200, keys.public_jwks(self._authority, tenant.id), [_KEEP])
