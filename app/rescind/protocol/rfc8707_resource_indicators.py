"""RFC 8707, Resource Indicators for OAuth 2.0: clients say what their tokens are meant for.

The parameter `resource` may come several times. Tokens are good where one of the resources is; at every
resource server that has others they are not active.
"""

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import replace

from authlib.oauth2.rfc6749 import OAuth2Error

from rescind.domain import resources
from rescind.errors import TargetRefused
from rescind.protocol.requests import TenantRequest
from rescind.protocol.rfc6749_authorize import AuthorizationRequest, Parameters, RedirectedError

INVALID_TARGET = "invalid_target"


class InvalidTarget(OAuth2Error):
    """What is asked for is no resource, is not known, or is more than was granted (section 2)."""

    error = INVALID_TARGET


def asked_for(request: TenantRequest) -> tuple[str, ...]:
    """Give what a token of a new grant is to be meant for, at the token endpoint.

    Raises:
        InvalidTarget: no resource server answers for it, or it is malformed.
    """
    received = request.received
    with answered_so():
        audience = resources.among(received.form.resources, received.known_resources)
    return resources.or_default(audience, received.tenant)


def with_resources(
    asked: AuthorizationRequest, parameters: Parameters, known: Collection[str]
) -> AuthorizationRequest:
    """Check what an authorization request asks for (section 2.1).

    Raises:
        RedirectedError: no resource server answers for it, or it is malformed.
    """
    try:
        return replace(asked, resource=resources.among(parameters.resources, known))
    except TargetRefused as error:
        raise RedirectedError(INVALID_TARGET, str(error)) from None


@contextlib.contextmanager
def answered_so() -> Iterator[None]:
    """Answer a target that is refused as the standard does."""
    try:
        yield
    except TargetRefused as error:
        raise InvalidTarget(str(error)) from None
