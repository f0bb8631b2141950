"""`POST /t/<tenant>/oauth2/token`: RFC 6749 section 3.2."""

from flask import Response

from rescind.domain.registry.registration import DEVICE_CODE
from rescind.protocol import forms
from rescind.protocol.forms import Form
from rescind.web.endpoints.posting import Posting, Shown

_RECOGNISED = forms.CLIENT_PARAMETERS | forms.GRANT_PARAMETERS


class Token(Posting):
    """The token endpoint of all tenants."""

    def token(self, tenant: str) -> Response:
        """Issue tokens."""
        return self._answer(tenant, _RECOGNISED, _shown, self._server.create_token_response, renews=True)


def _shown(form: Form) -> Shown:
    if form.get("grant_type") == "authorization_code":
        return Shown(code=form.get("code"), with_person=True)
    if form.get("grant_type") == "client_credentials":
        # The other grants give no more than was asked for when they were made.
        return Shown(resources=form.resources)
    if form.get("grant_type") == DEVICE_CODE:
        return Shown(device=form.get("device_code"), with_person=True)
    return Shown(token=form.get("refresh_token"), with_person=True)
