"""OpenID Connect Core 1.0: the ID token, from a code and from a refresh."""

import base64
import hashlib

import pytest
from joserfc.errors import InvalidKeyIdError

from rescind.domain import clock
from rescind.domain.registry import keys
from tests.protocol.id_tokens import (
    SIGNED_IN_AT,
    jwks_of,
    lose_signing_key,
    mint_code,
    openid_client,
    refreshed,
    signed_in,
    verified,
)
from tests.servers import Client, Tenant, error_of

NOW = 1_800_000_000


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a client that may ask for ID tokens."""
    return openid_client(tenant)


@pytest.mark.requirement("OID-01")
def test_s2_an_id_token_names_issuer_subject_audience_and_times(client: Client) -> None:
    clock.set(NOW)

    claims = verified(client.tenant, signed_in(client)["id_token"]).claims

    assert claims["iss"] == client.tenant.issuer
    assert claims["sub"] == "alice"
    assert claims["aud"] == client.client_id
    assert (claims["iat"], claims["exp"]) == (NOW, NOW + 600)


@pytest.mark.requirement("OID-01")
def test_s3_1_3_3_it_is_signed_with_rs256_by_a_published_key(client: Client) -> None:
    header = verified(client.tenant, signed_in(client)["id_token"]).header

    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert header["kid"] in [key["kid"] for key in jwks_of(client.tenant)["keys"]]


@pytest.mark.requirement("OID-01")
@pytest.mark.settings(id_token_seconds=120)
def test_s2_it_lives_as_long_as_is_set(client: Client) -> None:
    claims = verified(client.tenant, signed_in(client)["id_token"]).claims

    assert claims["exp"] - claims["iat"] == 120


@pytest.mark.requirement("OID-01")
@pytest.mark.parametrize("nonce", ["n-0S6_WzA2Mj", " ö\U0001f511\"'<&% ", "n" * 2000])
def test_s3_1_2_1_the_nonce_comes_back_as_it_was_sent(client: Client, nonce: str) -> None:
    claims = verified(client.tenant, signed_in(client, nonce=nonce)["id_token"]).claims

    assert claims["nonce"] == nonce


@pytest.mark.requirement("OID-01")
def test_s2_what_is_not_known_is_left_out(client: Client) -> None:
    claims = verified(client.tenant, signed_in(client, auth_time=None)["id_token"]).claims

    assert set(claims) == {"iss", "sub", "aud", "exp", "iat", "at_hash"}


@pytest.mark.requirement("OID-01")
def test_s3_1_2_1_without_the_scope_openid_there_is_none(client: Client) -> None:
    response = signed_in(client, "read", nonce="n")

    times = {"expires_in", "refresh_token_timeout", "authorization_expires_in"}
    assert set(response) == {"access_token", "token_type", "refresh_token", "scope", *times}


@pytest.mark.requirement("OID-01")
def test_s1_2_a_client_that_acts_for_itself_gets_none(client: Client) -> None:
    reply = client.post("token", grant_type="client_credentials", scope="openid")

    assert reply.status_code == 200
    assert reply.json()["scope"] == "openid"
    assert "id_token" not in reply.json()


@pytest.mark.requirement("OID-01")
def test_s10_1_the_keys_of_another_tenant_do_not_verify_it(client: Client, other_tenant: Tenant) -> None:
    id_token = signed_in(client)["id_token"]

    with pytest.raises(InvalidKeyIdError):
        verified(other_tenant, id_token)


@pytest.mark.requirement("OID-02")
def test_s3_1_3_6_the_access_token_has_the_digest_that_is_in_it(client: Client) -> None:
    response = signed_in(client)

    left_half = hashlib.sha256(response["access_token"].encode("ascii")).digest()[:16]
    expected = base64.urlsafe_b64encode(left_half).decode().rstrip("=")
    assert verified(client.tenant, response["id_token"]).claims["at_hash"] == expected


@pytest.mark.requirement("OID-02")
@pytest.mark.parametrize("scope", ["openid", "openid offline_access"], ids=["session", "offline"])
def test_s2_it_says_when_and_in_which_session_the_subject_signed_in(client: Client, scope: str) -> None:
    sid = client.tenant.new_session("alice")

    claims = verified(client.tenant, signed_in(client, scope, session_sid=sid)["id_token"]).claims

    assert (claims["auth_time"], claims["sid"]) == (SIGNED_IN_AT, sid)


@pytest.mark.requirement("OID-07")
@pytest.mark.parametrize("scope", ["openid", "openid offline_access"], ids=["session", "offline"])
def test_s12_2_a_refreshed_one_is_about_the_same_sign_in(client: Client, scope: str) -> None:
    sid = client.tenant.new_session("alice")
    first = signed_in(client, scope, session_sid=sid)

    again = refreshed(client, first["refresh_token"])

    old, new = (verified(client.tenant, each["id_token"]).claims for each in (first, again))
    kept = ("iss", "sub", "aud", "auth_time", "sid")
    assert [new.get(name) for name in kept] == [old[name] for name in kept]
    assert new["at_hash"] != old["at_hash"]


@pytest.mark.requirement("OID-07")
def test_s12_2_a_refreshed_one_has_the_time_of_the_refresh(client: Client) -> None:
    clock.set(NOW)
    first = signed_in(client)
    clock.set(NOW + 5000)

    again = refreshed(client, first["refresh_token"])

    claims = verified(client.tenant, again["id_token"]).claims
    assert (claims["iat"], claims["exp"]) == (NOW + 5000, NOW + 5600)
    assert claims["auth_time"] == SIGNED_IN_AT


@pytest.mark.requirement("OID-07")
def test_s12_2_a_refreshed_one_has_no_nonce(client: Client) -> None:
    first = signed_in(client, nonce="n-0S6_WzA2Mj")

    again = refreshed(client, first["refresh_token"])

    assert "nonce" not in verified(client.tenant, again["id_token"]).claims


@pytest.mark.requirement("OID-07")
@pytest.mark.parametrize("scope", ["openid", "openid offline_access"], ids=["session", "offline"])
def test_s12_2_the_same_refresh_again_gives_an_id_token_to_the_same_access_token(
    client: Client, scope: str
) -> None:
    first = signed_in(client, scope, session_sid=client.tenant.new_session("alice"))
    once = refreshed(client, first["refresh_token"])

    twice = refreshed(client, first["refresh_token"])

    assert twice["access_token"] == once["access_token"]
    old, new = (verified(client.tenant, each["id_token"]).claims for each in (once, twice))
    kept = ("sub", "auth_time", "sid", "at_hash")
    assert [new.get(name) for name in kept] == [old[name] for name in kept]


@pytest.mark.requirement("OID-07")
def test_s12_a_refresh_that_leaves_openid_out_gives_none(client: Client) -> None:
    first = signed_in(client)

    again = refreshed(client, first["refresh_token"], scope="read")

    assert again["scope"] == "read"
    assert "id_token" not in again


@pytest.mark.requirement("OID-01")
def test_s3_1_3_3_a_code_is_not_used_up_while_no_id_token_can_be_signed(client: Client) -> None:
    code = mint_code(client)
    lose_signing_key(client.tenant)
    failed = client.exchange(code)
    keys.rotate(client.tenant.server.authority, client.tenant.record)

    again = client.exchange(code)

    assert failed.status_code == 500
    assert again.status_code == 200
    assert verified(client.tenant, again.json()["id_token"]).claims["sub"] == "alice"
    assert client.is_active(again.json()["access_token"])


@pytest.mark.requirement("OID-07")
def test_s12_2_a_refresh_token_is_not_used_up_while_no_id_token_can_be_signed(client: Client) -> None:
    clock.set(NOW)
    refresh_token = signed_in(client)["refresh_token"]
    lose_signing_key(client.tenant)
    failed = client.refresh(refresh_token)
    keys.rotate(client.tenant.server.authority, client.tenant.record)
    clock.set(NOW + 100)

    again = client.refresh(refresh_token)

    assert failed.status_code == 500
    assert again.status_code == 200
    assert verified(client.tenant, again.json()["id_token"]).claims["sub"] == "alice"


@pytest.mark.requirement("COD-04")
def test_the_return_of_a_code_ends_its_grant_also_while_nothing_can_be_signed(client: Client) -> None:
    code = mint_code(client)
    access_token = client.exchange(code).json()["access_token"]
    lose_signing_key(client.tenant)

    reply = client.exchange(code)

    assert error_of(reply) == "invalid_grant"
    assert not client.is_active(access_token)
