"""RFC 7662, OAuth 2.0 Token Introspection: who may ask, and what the answer holds."""

from collections.abc import Callable

import pytest

from rescind.domain import clock, secrets
from tests.protocol.raw_requests import request
from tests.servers import Client, Server, Tenant, error_of

NOW = 1_800_000_000
INACTIVE = b'{"active": false}'


def revoked(client: Client) -> str:
    token = client.access_token()
    client.revoke(token)
    return token


def revoked_refresh_token(client: Client) -> str:
    token = str(client.issue().refresh_token)
    client.revoke(token)
    return token


def expired(client: Client) -> str:
    clock.set(NOW)
    token = client.access_token()
    clock.set(NOW + client.tenant.server.authority.settings.access_token_seconds)
    return token


def expired_on_a_grant_that_lives_on(client: Client) -> str:
    clock.set(NOW)
    token = client.issue().access_token
    clock.set(NOW + client.tenant.server.authority.settings.access_token_seconds)
    return token


def of_another_tenant(client: Client) -> str:
    return client.tenant.server.new_tenant().new_client().access_token()


def of_another_client(client: Client) -> str:
    return client.tenant.new_client().access_token()


def refresh_token_of_another_client(client: Client) -> str:
    return str(client.tenant.new_client().issue().refresh_token)


def unknown(client: Client) -> str:
    return secrets.new_access_token()


def malformed(client: Client) -> str:
    return "no such token: \N{SNOWMAN} 'x' %00"


def very_long(client: Client) -> str:
    return "a" * 4096


def its_own_secret(client: Client) -> str:
    return str(client.secret)


@pytest.mark.requirement("INT-01")
@pytest.mark.requirement("INT-02")
def test_s2_2_an_active_access_token_is_described(client: Client) -> None:
    clock.set(NOW)
    token = client.access_token(scope="read")

    reply = client.introspect(token)

    assert reply.status_code == 200
    assert reply.json() == {
        "active": True,
        "client_id": client.client_id,
        "sub": client.client_id,
        "token_type": "Bearer",
        "scope": "read",
        "iat": NOW,
        "exp": NOW + 600,
        "iss": client.tenant.issuer,
    }


@pytest.mark.requirement("INT-01")
def test_s2_2_a_token_without_scope_has_no_scope_member(tenant: Tenant) -> None:
    client = tenant.new_client()

    answer = client.introspect(client.access_token()).json()

    assert answer["active"] is True
    assert "scope" not in answer


@pytest.mark.requirement("INT-02")
def test_s2_2_the_token_of_a_subject_names_the_subject(client: Client) -> None:
    token = client.issue("alice", ("read", "write")).access_token

    answer = client.introspect(token).json()

    assert answer["sub"] == "alice"
    assert answer["scope"] == "read write"


@pytest.mark.requirement("INT-04")
@pytest.mark.requirement("INT-05")
@pytest.mark.parametrize(
    "make",
    [
        revoked,
        revoked_refresh_token,
        expired,
        expired_on_a_grant_that_lives_on,
        of_another_tenant,
        of_another_client,
        refresh_token_of_another_client,
        unknown,
        malformed,
        very_long,
        its_own_secret,
    ],
    ids=lambda make: make.__name__.replace("_", "-"),
)
def test_s2_2_every_token_that_is_not_active_for_the_caller_has_the_same_answer(
    client: Client, make: Callable[[Client], str]
) -> None:
    token = make(client)

    reply = client.introspect(token)

    assert reply.status_code == 200
    assert reply.content == INACTIVE


@pytest.mark.requirement("INT-04")
def test_s2_2_a_token_is_active_to_its_last_second(client: Client) -> None:
    clock.set(NOW)
    token = client.access_token()
    clock.set(NOW + 599)

    answer = client.introspect(token).json()

    assert answer["active"] is True
    assert answer["exp"] == NOW + 600


@pytest.mark.requirement("INT-05")
def test_s4_a_question_of_another_client_leaves_the_token_active(client: Client, mallory: Client) -> None:
    token = client.access_token()

    answer = mallory.introspect(token)

    assert answer.content == INACTIVE
    assert client.is_active(token)


@pytest.mark.requirement("INT-06")
def test_s2_2_a_resource_server_sees_every_access_token_of_its_tenant(
    client: Client, public_client: Client, resource_server: Client
) -> None:
    tokens = [client.access_token(), client.issue().access_token, public_client.issue().access_token]

    answers = [resource_server.introspect(token).json() for token in tokens]

    assert [answer["client_id"] for answer in answers] == [
        client.client_id,
        client.client_id,
        public_client.client_id,
    ]


@pytest.mark.requirement("INT-06")
@pytest.mark.parametrize(
    "make",
    [refresh_token_of_another_client, of_another_tenant, revoked],
    ids=["refresh-token-of-another-client", "access-token-of-another-tenant", "revoked-access-token"],
)
def test_s2_2_a_resource_server_sees_nothing_more(
    resource_server: Client, make: Callable[[Client], str]
) -> None:
    reply = resource_server.introspect(make(resource_server))

    assert reply.content == INACTIVE


@pytest.mark.requirement("INT-06")
def test_s2_2_a_revoked_token_is_inactive_for_the_resource_server_too(
    client: Client, resource_server: Client
) -> None:
    token = client.access_token()
    assert resource_server.is_active(token)

    client.revoke(token)

    assert not resource_server.is_active(token)


@pytest.mark.requirement("INT-10")
def test_s2_2_a_refresh_token_is_described_without_a_token_type(client: Client) -> None:
    token = str(client.issue("alice", ("read",)).refresh_token)

    answer = client.introspect(token).json()

    assert answer["active"] is True
    assert answer["sub"] == "alice"
    assert "token_type" not in answer


@pytest.mark.requirement("INT-10")
def test_s2_2_a_rotated_refresh_token_is_not_active(client: Client) -> None:
    token = str(client.issue().refresh_token)

    successor = client.refresh(token).json()["refresh_token"]

    assert client.introspect(token).content == INACTIVE
    assert client.is_active(successor)


@pytest.mark.requirement("INT-11")
def test_s2_asking_changes_nothing(client: Client) -> None:
    token = str(client.issue().refresh_token)

    answers = {client.introspect(token).content for _ in range(10)}

    assert len(answers) == 1
    assert client.refresh(token).status_code == 200


@pytest.mark.requirement("INT-11")
@pytest.mark.parametrize("spelled", [str, lambda token: secrets.digest(token).hex()], ids=["token", "digest"])
def test_s4_the_answer_never_repeats_the_token(client: Client, spelled: Callable[[str], str]) -> None:
    token = client.access_token()

    reply = client.introspect(token)

    assert reply.json()["active"] is True
    assert spelled(token) not in f"{reply.headers} {reply.text}"


@pytest.mark.requirement("INT-07")
@pytest.mark.parametrize("hint", ["refresh_token", "id_token", "urn:x", ""])
def test_s2_1_the_hint_never_hides_a_token(client: Client, hint: str) -> None:
    token = client.access_token()

    reply = client.introspect(token, token_type_hint=hint)

    assert reply.json()["active"] is True


@pytest.mark.requirement("INT-07")
@pytest.mark.parametrize(
    "content",
    ["", "token=", "token={0}&token={0}", "token={0}&token=other", "token={0}&client_id=a&client_id=a"],
    ids=["missing", "empty", "twice", "twice-and-different", "client-id-twice"],
)
def test_s2_1_exactly_one_token_is_asked_about(client: Client, content: str) -> None:
    token = client.access_token()

    reply = request(client.tenant, "introspect", content.format(token), authorization=client.basic)

    assert reply.status_code == 400
    assert error_of(reply) == "invalid_request"


@pytest.mark.requirement("INT-09")
@pytest.mark.parametrize("content", ["token={0}", "token=unknown", ""], ids=["active", "inactive", "error"])
def test_s4_no_answer_may_be_kept(client: Client, content: str) -> None:
    body = content.format(client.access_token())

    reply = request(client.tenant, "introspect", body, authorization=client.basic)

    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.requirement("INT-12")
def test_s2_2_no_token_is_ever_active_after_its_revocation_was_confirmed(live_server: Server) -> None:
    client = live_server.new_tenant().new_client()

    rounds = [(client.revoke(token).status_code, client.is_active(token)) for token in fresh(client, 20)]

    assert rounds == [(200, False)] * 20


def fresh(client: Client, count: int) -> list[str]:
    """Give access tokens that were seen to be active, by workers that so could have remembered them."""
    tokens = [client.issue().access_token for _ in range(count)]
    assert all(client.is_active(token) for token in tokens)
    return tokens
