"""ID tokens as a client sees them: signed by keys that it fetches, read by a library of its own."""

from dataclasses import replace
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jwt import Token

from rescind.domain.registry import keys
from rescind.domain.secrets import Keyring
from rescind.domain.tokens import codes, pkce
from rescind.store import keys as key_rows
from tests import stores
from tests.servers import CALLBACK, VERIFIER, Client, Tenant

SIGNED_IN_AT = 1_700_000_000


def jwks_of(tenant: Tenant) -> dict[str, Any]:
    """Fetch the keys from where the metadata says that they are."""
    with tenant.server.http() as http:
        document = http.get(f"{tenant.path}/token/.well-known/openid-configuration").json()
        reply = http.get(document["jwks_uri"])
    assert reply.status_code == 200, reply.text
    jwks: dict[str, Any] = reply.json()
    return jwks


def verified(tenant: Tenant, id_token: str) -> Token:
    """Verify the signature with the published keys, and give header and claims."""
    keys = KeySet.import_key_set(jwks_of(tenant))  # type: ignore[arg-type]
    return jwt.decode(id_token, keys, algorithms=["RS256"])


def lose_signing_key(tenant: Tenant) -> None:
    """Have the tenant's key encrypted under a secret key that the server does not have."""
    authority = tenant.server.authority
    key = keys.signing_key(authority, tenant.record.id)
    lost = Keyring(("the-secret-key-of-nobody-0123456789",)).encrypt(b"{}")
    with stores.transaction(authority.store) as tx:
        kept = {each.kid: each.private_key for each in key_rows.kept(tx, tenant.record.id)}
        key_rows.encrypt_again(tx, tenant.record.id, str(key.kid), kept[str(key.kid)], lost)


def openid_client(tenant: Tenant, scope: str = "openid read offline_access") -> Client:
    """Register a client that may ask for ID tokens."""
    return tenant.new_client(scope=scope)


def mint_code(
    client: Client,
    scope: str = "openid read",
    *,
    nonce: str | None = None,
    auth_time: int | None = SIGNED_IN_AT,
    session_sid: str | None = None,
) -> str:
    """Make a code as the authorize page does after a sign-in."""
    authorization = client.authorization("alice", tuple(scope.split()), session_sid=session_sid)
    return codes.mint(
        client.tenant.server.authority,
        replace(authorization, auth_time=auth_time),
        redirect_uri=CALLBACK,
        code_challenge=pkce.challenge_of(VERIFIER),
        nonce=nonce,
    )


def signed_in(client: Client, scope: str = "openid read", **options: Any) -> dict[str, Any]:
    """Exchange a code of `mint_code`, and give the token response."""
    reply = client.exchange(mint_code(client, scope, **options))
    assert reply.status_code == 200, reply.text
    response: dict[str, Any] = reply.json()
    return response


def refreshed(client: Client, refresh_token: str, **form: str) -> dict[str, Any]:
    """Refresh, and give the token response."""
    reply = client.refresh(refresh_token, **form)
    assert reply.status_code == 200, reply.text
    response: dict[str, Any] = reply.json()
    return response
