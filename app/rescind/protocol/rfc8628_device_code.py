"""RFC 8628, OAuth 2.0 Device Authorization Grant: `POST /t/<tenant>/oauth2/device`, and the grant.

Authlib's own grant takes a device code again and again, and answers one that is unknown with
`invalid_request`: its base classes are used, and no more.
"""

from typing import Any

from authlib.oauth2.rfc6749 import BaseGrant, OAuth2Error, TokenEndpointMixin
from authlib.oauth2.rfc6749.endpoint import Endpoint
from authlib.oauth2.rfc6749.errors import AccessDeniedError
from authlib.oauth2.rfc6749.hooks import hooked
from authlib.oauth2.rfc8628 import errors

from rescind.domain.registry.registration import DEVICE_CODE
from rescind.domain.tokens import devices
from rescind.domain.tokens.redeeming import OFFLINE_ACCESS
from rescind.errors import DeviceRefused, DevicesThrottled, TokenRefused
from rescind.protocol import rfc8707_resource_indicators as rfc8707
from rescind.protocol import scopes
from rescind.protocol.clients import ALL_METHODS
from rescind.protocol.openid_connect_core import IDTokenResponse
from rescind.protocol.requests import TenantRequest
from rescind.protocol.rfc6749_errors import InvalidGrant, InvalidRequest, UnauthorizedClient
from rescind.protocol.token_responses import token_response

_NOT_REGISTERED = "The client is not registered for the grant type of devices."
_HEADERS = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]


class AuthorizationPending(errors.AuthorizationPendingError):
    """Section 3.5: the person has not decided yet."""


class SlowDown(errors.SlowDownError):
    """Section 3.5: the same, and the device asks too often."""


class AccessDenied(AccessDeniedError):
    """Section 3.5: the person said no."""


class ExpiredToken(errors.ExpiredTokenError):
    """Section 3.5: nobody has decided in time."""


_REFUSALS: dict[str, type[OAuth2Error]] = {
    each.error: each for each in (AuthorizationPending, SlowDown, AccessDenied, ExpiredToken)
}


class NotServedYet(OAuth2Error):
    """Workers of the version before would not know what to take back from a device."""

    error, status_code = "temporarily_unavailable", 503

    def __init__(self) -> None:
        super().__init__("Devices are served once the upgrade of this server is finished.")

    def get_headers(self) -> list[tuple[str, str]]:
        """Add when it is worth trying again to the headers of every error."""
        return [*super().get_headers(), ("Retry-After", "60")]


class TooManyDevices(OAuth2Error):
    """RFC 6585 section 4: too many of a public client have begun at one address."""

    error, status_code = "temporarily_unavailable", 429

    def __init__(self, throttled: DevicesThrottled) -> None:
        super().__init__(str(throttled))
        self._retry_after_seconds = throttled.retry_after_seconds

    def get_headers(self) -> list[tuple[str, str]]:
        """Add when it is worth trying again to the headers of every error."""
        return [*super().get_headers(), ("Retry-After", str(self._retry_after_seconds))]


class DeviceAuthorization(Endpoint):
    """Section 3.1: a device begins, and shows what it is told to the person before it."""

    ENDPOINT_NAME = "device_authorization"

    def create_endpoint_response(self, request: TenantRequest) -> tuple[int, dict[str, Any], Any]:
        """Section 3.2.

        Raises:
            UnauthorizedClient: the client is not registered for it.
            InvalidScope: see `scopes.within`.
            InvalidTarget: see `rfc8707.asked_for`.
            NotServedYet: an upgrade is not finished.
            TooManyDevices: too many have begun at this address.
        """
        if not self.server.authority.store.is_settled:
            raise NotServedYet
        client = self.server.authenticate_client(request, ALL_METHODS, self.ENDPOINT_NAME)
        if not client.check_grant_type(DEVICE_CODE):
            raise UnauthorizedClient(_NOT_REGISTERED)
        asked = request.form.get("scope")
        scope = scopes.within(asked, client.record.scope)
        if not scopes.words(asked):
            # As at the authorize endpoint: who asks for nothing gets all but what outlives the session.
            scope = tuple(word for word in scope if word != OFFLINE_ACCESS)
        received, audience = request.received, rfc8707.asked_for(request)
        try:
            begun = devices.begin(
                *(self.server.authority, request.tenant, client.record, scope),
                audience=audience,
                address=received.address,
            )
        except DevicesThrottled as error:
            raise TooManyDevices(error) from None
        uri = f"{received.issuer.removesuffix('/oauth2/token')}/device"
        body = {
            "device_code": begun.device_code,
            "user_code": begun.user_code,
            "verification_uri": uri,
            "verification_uri_complete": f"{uri}?user_code={begun.user_code}",
            "expires_in": devices.LIFETIME_SECONDS,
            "interval": devices.INTERVAL_SECONDS,
        }
        return 200, body, _HEADERS


class DeviceCodeGrant(BaseGrant, TokenEndpointMixin):
    """Section 3.4: the device asks until the person has decided, and gets its tokens once."""

    GRANT_TYPE = DEVICE_CODE

    request: TenantRequest

    def validate_token_request(self) -> None:
        """Check the client's right to this grant type, and that nothing is missing.

        Raises:
            UnauthorizedClient: it is not registered for it.
            InvalidRequest: the device code is missing.
        """
        if not self.request.authenticated_client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClient(_NOT_REGISTERED)
        if "device_code" not in self.request.form:
            raise InvalidRequest("The parameter device_code is missing.")

    @hooked
    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """Redeem, commit, then answer.

        Raises:
            OAuth2Error: the person has not decided yet, or said no, or was too late.
            InvalidGrant: the code can't be used. If it was used before, its grant has ended by now.
            InvalidTarget: it was not allowed for the resource that is asked for, and stays usable.
        """
        request = self.request
        id_token = IDTokenResponse(self.server.authority, request)
        try:
            with rfc8707.answered_so():
                issued = devices.redeem(
                    self.server.authority,
                    request.tenant,
                    request.authenticated_client.record,
                    request.received.known_device,
                    request.received.request_id,
                    asked_resources=request.form.resources,
                    before_use=id_token.get_ready,
                )
        except DeviceRefused as refused:
            raise _REFUSALS[refused.code](str(refused)) from None
        except TokenRefused as error:
            raise InvalidGrant(str(error)) from None
        return 200, token_response(issued, id_token.write(issued)), self.TOKEN_RESPONSE_HEADER
