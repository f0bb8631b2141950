"""`POST /t/<tenant>/oauth2/token`: RFC 6749 section 3.2."""

from flask import Response

from rescind.protocol import forms
from rescind.web.endpoints.posting import Posting

_RECOGNISED = forms.CLIENT_PARAMETERS | forms.GRANT_PARAMETERS


class Token(Posting):
    """The token endpoint of all tenants."""

    def token(self, tenant: str) -> Response:
        """Issue tokens."""
        return self._answer(tenant, _RECOGNISED, "refresh_token", self._server.create_token_response)
