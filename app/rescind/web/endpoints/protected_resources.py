"""`/.well-known/oauth-protected-resource[/path]`: the documents of the application's own views (RFC 9728)."""

from functools import partial

import flask
from flask import Request, Response

from rescind.domain.authority import Authority
from rescind.errors import SettingsError
from rescind.protocol.rfc9728_protected_resource import ProtectedResource, metadata
from rescind.web.wire import cors, replies
from rescind.web.wire.replies import ProblemError

_KEEP = ("Cache-Control", "public, max-age=300")


class ProtectedResources:
    """The resources of an application, each with the scope that its views ask for together."""

    def __init__(self) -> None:
        self._scopes: dict[ProtectedResource, dict[str, None]] = {}
        self._by_path: dict[str, ProtectedResource] = {}

    def add(self, uri: str, tenant: str | None, scope: tuple[str, ...]) -> ProtectedResource:
        """Note what one more view asks for.

        Raises:
            SettingsError: it can be no resource, names no tenant, or another view says something else of it.
        """
        if tenant is None:
            raise SettingsError(
                "require_token with a resource needs a tenant: its own, or that of Rescind()."
            )
        resource = ProtectedResource.of(uri, tenant)
        if self._by_path.setdefault(resource.path, resource) != resource:
            raise SettingsError(f"Another view names another resource or tenant for the path of {uri}.")
        self._scopes.setdefault(resource, {}).update(dict.fromkeys(scope))
        return resource

    def find(self, path: str) -> tuple[ProtectedResource, list[str]] | None:
        """Find the resource at a path, and the scope that its views ask for."""
        resource = self._by_path.get(path.rstrip("/"))
        return None if resource is None else (resource, list(self._scopes[resource]))


class ProtectedResourceMetadata:
    """The endpoint, which any page may read."""

    def __init__(self, authority: Authority, resources: ProtectedResources) -> None:
        self._authority = authority
        self._resources = resources

    def protected_resource(self, well_known: str, path: str = "") -> Response:
        """RFC 9728 section 3.1: describe the resource at this path."""
        request = flask.request
        return cors.public(request, "GET", partial(replies.answering, self._reply, request, path))

    def _reply(self, request: Request, path: str) -> Response:
        found = self._resources.find(f"/{path}")
        if found is None:
            raise ProblemError(404)
        if request.method not in {"GET", "HEAD"}:
            raise ProblemError(405, allow="GET, HEAD")
        resource, scope = found
        issuer = self._authority.settings.issuer(resource.tenant)
        return replies.json_reply(200, metadata(resource, issuer, scope), [_KEEP])
