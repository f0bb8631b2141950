"""`POST /t/<tenant>/oauth2/token`: RFC 6749 section 3.2."""

from collections.abc import Mapping

from flask import Response

from rescind.domain.registry.registration import DEVICE_CODE
from rescind.protocol import forms
from rescind.web.endpoints.posting import Posting, Shown

_RECOGNISED = forms.CLIENT_PARAMETERS | forms.GRANT_PARAMETERS


class Token(Posting):
    """The token endpoint of all tenants."""

    def token(self, tenant: str) -> Response:
        """Issue tokens."""
        return self._answer(tenant, _RECOGNISED, _shown, self._server.create_token_response)


def _shown(form: Mapping[str, str]) -> Shown:
    if form.get("grant_type") == "authorization_code":
        return Shown(code=form.get("code"))
    if form.get("grant_type") == DEVICE_CODE:
        return Shown(device=form.get("device_code"))
    return Shown(token=form.get("refresh_token"))
