"""`POST /t/<tenant>/oauth2/revoke`: RFC 7009."""

from flask import Response

from rescind.protocol import forms
from rescind.protocol.requests import TenantRequest
from rescind.web.endpoints.posting import Posting, shown_token

_RECOGNISED = forms.CLIENT_PARAMETERS | forms.TOKEN_PARAMETERS


class Revoke(Posting):
    """The revocation endpoint of all tenants."""

    def revoke(self, tenant: str) -> Response:
        """End a token."""
        return self._answer(tenant, _RECOGNISED, shown_token, self._revoke)

    def _revoke(self, request: TenantRequest) -> Response:
        return self._server.endpoint_response("revocation", request)
