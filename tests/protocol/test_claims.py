"""OpenID Connect Core section 5: what a scope releases about people, at userinfo and in ID tokens."""

from typing import Any

import pytest

from rescind.domain.people import users
from tests.hot_requests import sent
from tests.protocol.id_tokens import mint_code, openid_client, refreshed, signed_in, verified
from tests.servers import Client, Tenant

OPENID = {"sub": "alice"}
PROFILE = {
    **OPENID,
    "name": "Alice Ä.",
    "preferred_username": "alice",
    "picture": "https://pictures.example/alice.png",
    "groups": ["staff", "admins"],
}
EMAIL = {**OPENID, "email": "alice@example.com", "email_verified": True}
PHONE = {**OPENID, "phone_number": "+49 30 1234567", "phone_number_verified": False}
ALL_SCOPES = "openid profile email phone offline_access"


@pytest.fixture
def alice(tenant: Tenant) -> str:
    """Make a user of whom everything is known."""
    made = users.create(
        tenant.server.authority,
        tenant.record,
        "alice",
        email="alice@example.com",
        is_email_verified=True,
        display_name="Alice Ä.",
        picture="https://pictures.example/alice.png",
        phone="+49 30 1234567",
        claims={"groups": ["staff", "admins"], "phone_number_verified": False},
    )
    return made.username


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a client that may ask for all there is."""
    return openid_client(tenant, ALL_SCOPES)


def userinfo(client: Client, access_token: str) -> Any:
    """Ask who it is."""
    with client.tenant.server.http() as http:
        shown = {"Authorization": f"Bearer {access_token}"}
        return http.get(f"{client.tenant.path}/userinfo", headers=shown).json()


def in_id_token(client: Client, response: dict[str, Any]) -> dict[str, Any]:
    """Give what an ID token says of the person."""
    own = {"iss", "aud", "exp", "iat", "auth_time", "nonce", "sid", "at_hash"}
    read = verified(client.tenant, response["id_token"]).claims
    return {name: value for name, value in read.items() if name not in own}


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("openid", OPENID),
        ("openid profile", PROFILE),
        ("openid phone", PHONE),
        (ALL_SCOPES, {**PROFILE, **EMAIL, **PHONE}),
    ],
    ids=["none", "profile", "phone", "all"],
)
def test_s5_4_a_scope_releases_its_claims_at_userinfo_and_in_id_tokens(
    client: Client, scope: str, told: dict[str, Any]
) -> None:
    first = signed_in(client, scope)
    second = refreshed(client, first["refresh_token"])

    assert userinfo(client, second["access_token"]) == told
    assert in_id_token(client, first) == told
    assert in_id_token(client, second) == told


@pytest.mark.usefixtures("alice")
def test_a_refresh_that_narrows_the_scope_tells_less(client: Client) -> None:
    first = signed_in(client, ALL_SCOPES)

    narrowed = refreshed(client, first["refresh_token"], scope="openid email")

    assert in_id_token(client, narrowed) == EMAIL
    assert userinfo(client, narrowed["access_token"]) == EMAIL


@pytest.mark.usefixtures("alice")
def test_what_is_asked_of_a_person_comes_with_the_first_read(client: Client) -> None:
    tokens = signed_in(client, ALL_SCOPES)
    code = mint_code(client, ALL_SCOPES)

    with sent() as asked:
        userinfo(client, tokens["access_token"])
    with sent() as exchanged:
        client.exchange(code)

    assert len(asked) == 1
    # The other one fetches the key with which the ID token is signed.
    assert len([each for each in exchanged if each.startswith("SELECT")]) == 2


@pytest.mark.usefixtures("alice")
def test_an_address_that_changes_ends_nothing_and_is_not_verified(tenant: Tenant, client: Client) -> None:
    tokens = signed_in(client, "openid email")

    users.update(tenant.server.authority, tenant.record, "alice", email="new@example.com")

    changed = {**OPENID, "email": "new@example.com", "email_verified": False}
    assert userinfo(client, tokens["access_token"]) == changed
    assert in_id_token(client, refreshed(client, tokens["refresh_token"])) == changed


@pytest.mark.usefixtures("alice")
def test_who_has_no_address_has_none_that_is_verified(tenant: Tenant, client: Client) -> None:
    users.update(tenant.server.authority, tenant.record, "alice", email="", is_email_verified=True)

    assert userinfo(client, signed_in(client, "openid email")["access_token"]) == OPENID


@pytest.mark.usefixtures("alice")
def test_a_person_of_another_tenant_is_another(other_tenant: Tenant) -> None:
    client = openid_client(other_tenant, ALL_SCOPES)

    assert userinfo(client, signed_in(client, ALL_SCOPES)["access_token"]) == OPENID
