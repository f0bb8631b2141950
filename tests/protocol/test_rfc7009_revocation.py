"""RFC 7009, OAuth 2.0 Token Revocation: what a revocation does, and what is answered."""

import pytest

from rescind.domain import clock
from rescind.domain.tokens import codes
from tests.protocol.raw_requests import look, pair, refreshed
from tests.servers import Client, Server, error_of

ID_TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"
# RFC 7636 appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
REDIRECT_URI = "https://app.example/back"
NOT_ACTIVE = ["never-issued", "rat_", "a b\"c'd\\", ID_TOKEN]
NOT_ACTIVE_IDS = ["unknown", "prefix alone", "malformed", "ID token"]

SHORT = pytest.mark.settings(access_token_seconds=60, refresh_token_seconds=3600)


@pytest.mark.requirement("REV-01")
@pytest.mark.requirement("REV-04")
def test_s2_a_revoked_access_token_is_dead_at_once(client: Client) -> None:
    token = client.access_token()
    assert client.is_active(token)

    reply = client.revoke(token)

    assert reply.status_code == 200
    assert not client.is_active(token)


@pytest.mark.requirement("REV-05")
def test_s2_a_revoked_refresh_token_is_dead(client: Client) -> None:
    _, refresh_token = pair(client)
    assert client.is_active(refresh_token)

    reply = client.revoke(refresh_token)

    used = client.refresh(refresh_token)
    assert reply.status_code == 200
    assert (used.status_code, error_of(used)) == (400, "invalid_grant")
    assert not client.is_active(refresh_token)


@pytest.mark.requirement("REV-02")
@pytest.mark.requirement("REV-03")
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", None),
        ("text/html", None),
        ("application/json, text/plain, */*", None),
        ("application/json", "application/json"),
        ("Application/JSON;q=0.9, text/plain", "application/json"),
    ],
    ids=["anything", "a page", "JSON or anything", "JSON alone", "JSON in other letters"],
)
def test_the_answer_is_empty_and_has_no_media_type_but_for_who_wants_json(
    client: Client, accept: str, content_type: str | None
) -> None:
    token = client.access_token()

    reply = client.post("revoke", token=token, headers={"Accept": accept})

    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers.get("Content-Type") == content_type
    assert reply.headers["Cache-Control"] == "no-store"
    assert not client.is_active(token)


@pytest.mark.requirement("REV-06")
@pytest.mark.requirement("REV-36")
@pytest.mark.parametrize("string", NOT_ACTIVE, ids=NOT_ACTIVE_IDS)
def test_s2_2_what_is_no_token_is_answered_like_one(client: Client, string: str) -> None:
    bystander, token = client.access_token(), client.access_token()
    known = client.revoke(token)

    reply = client.revoke(string)

    assert look(reply) == look(known)
    assert client.is_active(bystander)


@pytest.mark.requirement("REV-36")
def test_s2_2_an_authorization_code_is_no_token_and_stays_as_it_is(server: Server, client: Client) -> None:
    authorization = client.authorization("alice", is_refreshable=True)
    code = codes.mint(server.authority, authorization, redirect_uri=REDIRECT_URI, code_challenge=CHALLENGE)

    reply = client.revoke(code)

    redeemed = client.post(
        "token",
        grant_type="authorization_code",
        code=code,
        redirect_uri=REDIRECT_URI,
        code_verifier=VERIFIER,
    )
    assert (reply.status_code, reply.content) == (200, b"")
    assert client.is_active(redeemed.json()["access_token"])


@pytest.mark.requirement("REV-07")
def test_s2_2_a_second_revocation_is_answered_like_the_first(client: Client) -> None:
    token = client.access_token()
    first = client.revoke(token)

    second = client.revoke(token)

    assert look(second) == look(first)
    assert not client.is_active(token)


@pytest.mark.requirement("REV-08")
@SHORT
def test_s2_2_an_expired_access_token_is_no_error_and_takes_its_grant_along(client: Client) -> None:
    access_token, refresh_token = pair(client)
    clock.set(clock.now() + 60)
    assert not client.is_active(access_token)
    assert client.is_active(refresh_token)

    reply = client.revoke(access_token)

    assert reply.status_code == 200
    assert not client.is_active(refresh_token)


@pytest.mark.requirement("REV-08")
@SHORT
def test_s2_2_an_expired_refresh_token_is_no_error(client: Client) -> None:
    _, refresh_token = pair(client)
    clock.set(clock.now() + 3600)

    reply = client.revoke(refresh_token)

    assert reply.status_code == 200
    assert not client.is_active(refresh_token)


@pytest.mark.requirement("REV-09")
@pytest.mark.parametrize("which", [0, 1], ids=["access token", "refresh token"])
def test_s2_1_a_client_cannot_revoke_the_token_of_another(
    client: Client, mallory: Client, which: int
) -> None:
    token = pair(client)[which]

    reply = mallory.revoke(token)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    assert client.is_active(token)


@pytest.mark.requirement("REV-10")
def test_s2_1_a_dead_token_of_another_client_is_answered_the_same_all_the_time(
    client: Client, mallory: Client
) -> None:
    token, bystander = client.access_token(), pair(client)[1]
    client.revoke(token)
    at_once = mallory.revoke(token)
    clock.set(clock.now() + 3600)

    later = mallory.revoke(token)

    assert look(later) == look(at_once)
    assert later.status_code in {200, 400}
    assert client.is_active(bystander)
    assert not client.is_active(token)


@pytest.mark.requirement("REV-10")
@SHORT
def test_s2_1_an_expired_token_of_another_client_takes_nothing_along(client: Client, mallory: Client) -> None:
    access_token, refresh_token = pair(client)
    clock.set(clock.now() + 60)

    reply = mallory.revoke(access_token)

    assert reply.status_code in {200, 400}
    assert client.is_active(refresh_token)


@pytest.mark.requirement("REV-35")
@pytest.mark.settings(refresh_grace_seconds=0)
def test_a_refresh_token_that_was_rotated_away_still_ends_its_family(client: Client) -> None:
    first = pair(client)
    second = refreshed(client, first[1])
    third = refreshed(client, second[1])

    reply = client.revoke(first[1])

    used = client.refresh(third[1])
    assert reply.status_code == 200
    assert error_of(used) == "invalid_grant"
    assert not any(client.is_active(token) for token in (*first, *second, *third))


@pytest.mark.requirement("REV-35")
def test_a_revocation_ends_the_grace_time_of_a_rotated_refresh_token(client: Client) -> None:
    _, rotated = pair(client)
    successors = refreshed(client, rotated)

    reply = client.revoke(rotated)

    retried = client.refresh(rotated)
    assert reply.status_code == 200
    assert error_of(retried) == "invalid_grant"
    assert not any(client.is_active(token) for token in successors)
