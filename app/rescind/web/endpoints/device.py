"""`POST /t/<tenant>/oauth2/device`: RFC 8628."""

from flask import Response

from rescind.protocol import forms
from rescind.protocol.requests import TenantRequest
from rescind.web.endpoints.posting import Posting, Shown

_RECOGNISED = forms.CLIENT_PARAMETERS | {"scope"}


class Device(Posting):
    """The device authorization endpoint of all tenants."""

    def device_authorization(self, tenant: str) -> Response:
        """Let a device begin to wait for a person."""
        return self._answer(tenant, _RECOGNISED, _shown, self._begin, has_cors=False)

    def _begin(self, request: TenantRequest) -> Response:
        return self._server.endpoint_response("device_authorization", request)


def _shown(form: forms.Form) -> Shown:
    return Shown(resources=form.resources)
