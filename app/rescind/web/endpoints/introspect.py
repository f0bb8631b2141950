"""`POST /t/<tenant>/oauth2/introspect`: RFC 7662. Servers ask this, not pages, so there is no CORS."""

from flask import Response

from rescind.protocol import forms
from rescind.protocol.requests import TenantRequest
from rescind.web.endpoints.posting import Posting, shown_token

_RECOGNISED = forms.CLIENT_PARAMETERS | forms.TOKEN_PARAMETERS


class Introspect(Posting):
    """The introspection endpoint of all tenants."""

    def introspect(self, tenant: str) -> Response:
        """Tell whether a token is active."""
        return self._answer(tenant, _RECOGNISED, shown_token, self._introspect, has_cors=False, renews=True)

    def _introspect(self, request: TenantRequest) -> Response:
        return self._server.endpoint_response("introspection", request)
