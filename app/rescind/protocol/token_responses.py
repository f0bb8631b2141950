"""Tokens as they are handed out, by the endpoint and by commands."""

from typing import Any

from rescind.domain.tokens.issuing import IssuedTokens


def token_response(issued: IssuedTokens, id_token: str | None = None) -> dict[str, Any]:
    """Write the members of a token response (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).

    The last two of a refresh token are those of draft-ietf-oauth-refresh-token-expiration. They are the same:
    one may be held, unused, for as long as what it stands for goes on.
    """
    response: dict[str, Any] = {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
    }
    if issued.refresh_token is not None:
        response["refresh_token"] = issued.refresh_token
        response["refresh_token_timeout"] = issued.authorization_seconds
        response["authorization_expires_in"] = issued.authorization_seconds
    if issued.scope:
        response["scope"] = " ".join(issued.scope)
    if id_token is not None:
        response["id_token"] = id_token
    return response
