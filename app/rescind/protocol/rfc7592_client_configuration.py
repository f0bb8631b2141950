"""RFC 7592, OAuth 2.0 Dynamic Client Registration Management: a client changes what it has registered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rescind.protocol.rfc6750_bearer import BearerError
from rescind.protocol.rfc7591_client_registration import Allowed, InvalidClientMetadata
from rescind.store.records import ClientRecord


class InvalidRegistrationToken(BearerError):
    """The token is not that of the client, or the client is gone (sections 2.1 to 2.3)."""

    error = "invalid_token"

    def __init__(self) -> None:
        super().__init__(
            "The registration token is unknown, expired, used up or renewed, or its client is gone."
        )


def check_is_itself(members: Mapping[str, Any], client_id: str) -> str | None:
    """Look whether a change names the client that it is about, and give its secret if it shows one.

    Section 2.2. What the client may not send, as its registration token, is ignored.

    Raises:
        InvalidClientMetadata: it names none, or another one.
    """
    secret = members.get("client_secret")
    if members.get("client_id") != client_id:
        raise InvalidClientMetadata("The client_id is that of the client whose registration is changed.")
    if secret is not None and not isinstance(secret, str):
        raise InvalidClientMetadata("The client_secret is the present one of the client, a string.")
    return secret


def allowed_to(client: ClientRecord, allowed: Allowed) -> Allowed:
    """Say what a client may have that has something already: what an operator has given it stays its own."""
    return replace(
        allowed,
        scope=(*allowed.scope, *client.scope),
        grant_types=(*allowed.grant_types, *client.grant_types),
    )
