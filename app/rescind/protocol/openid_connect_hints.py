"""OpenID Connect Core 1.0 section 3.1.2.1: an authorization request says by an ID token for whom it is."""

from dataclasses import replace

from rescind.domain.authority import Authority
from rescind.protocol import openid_connect_core
from rescind.protocol.rfc6749_authorize import AuthorizationRequest, Parameters, RedirectedError
from rescind.store.records import TenantRecord


def with_hint(
    authority: Authority, tenant: TenantRecord, parameters: Parameters, asked: AuthorizationRequest
) -> AuthorizationRequest:
    """Read the `id_token_hint`, an ID token that the client has had, be it long expired .

    Raises:
        RedirectedError: it is none that this tenant has given this client.
        StoreUnavailable: the keys are not known.
    """
    token = parameters.values.get("id_token_hint")
    if token is None:
        return asked
    issuer = authority.settings.issuer(tenant.name)
    claims = openid_connect_core.read_hint(authority, tenant.id, issuer, token)
    if claims is None or claims.get("aud") != asked.client_id:
        raise RedirectedError("invalid_request", "The id_token_hint is no ID token of this client's.")
    return replace(asked, hinted_subject=str(claims["sub"]))
