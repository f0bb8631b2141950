"""Refresh tokens without rows: what one says of itself is believed where it has our mark, and not else."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from rescind.domain import refresh_tokens
from rescind.domain.secrets import digest, new_id
from rescind.domain.spelling import spell, unspell
from rescind.store.tables import grants, tokens
from tests.servers import Client, Tenant, error_of

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
GRANT = "0123456789abcdef0123456789abcdef"


def forged(client: Client, grant_id: str, generation: int) -> str:
    """Make an older token of a grant, as somebody would who knows its id and has no key of ours."""
    return refresh_tokens.spelled(OTHER_KEY, grant_id, generation, bytes(32))


def rows(tenant: Tenant, kind: str) -> int:
    """Count the rows of tokens of a kind that a tenant has."""
    mine = (tokens.c.tenant_id == tenant.record.id, tokens.c.kind == kind)
    with tenant.server.authority.store.opened() as connection:
        return int(connection.execute(select(func.count()).select_from(tokens).where(*mine)).scalar_one())


@given(st.integers(0, 2**32 - 1), st.binary(min_size=32, max_size=32))
def test_what_is_written_is_read_again(generation: int, value: bytes) -> None:
    token = refresh_tokens.spelled(KEY, GRANT, generation, value)

    assert refresh_tokens.read([OTHER_KEY, KEY], token) == (GRANT, generation)


@given(st.integers(0, 100), st.sampled_from("abcXYZ019_-"))
def test_a_token_of_which_one_letter_is_another_says_nothing(at: int, letter: str) -> None:
    token = refresh_tokens.spelled(KEY, GRANT, 7, bytes(32))
    changed = token[:at] + letter + token[at + 1 :]

    assert changed == token or refresh_tokens.read([KEY], changed) is None


@pytest.mark.parametrize(
    "token", ["", "rrt_", "rrt_x", "\ud800", "rrt_\N{SNOWMAN}", "rrt_" + "A" * 96, "A" * 107]
)
def test_any_string_can_be_shown(token: str) -> None:
    assert refresh_tokens.read([KEY], token) is None


def test_a_mark_of_another_key_is_none() -> None:
    token = refresh_tokens.spelled(OTHER_KEY, GRANT, 7, bytes(32))

    assert refresh_tokens.read([KEY], token) == (GRANT, None)


def test_a_mark_is_over_the_number_too() -> None:
    content = struct.pack(">16sI", bytes.fromhex(GRANT), 7) + bytes(32)
    mark = refresh_tokens.spelled(KEY, GRANT, 8, bytes(32))
    of_eight = unspell(refresh_tokens.PREFIX, mark, 68)
    assert of_eight is not None

    token = spell(refresh_tokens.PREFIX, content + of_eight[-16:])

    assert refresh_tokens.read([KEY], token) == (GRANT, None)


@pytest.mark.requirement("REF-08")
def test_however_often_it_is_rotated_a_grant_has_no_row_for_it(tenant: Tenant, client: Client) -> None:
    token = str(client.issue().refresh_token)

    for _ in range(5):
        token = str(client.refresh(token).json()["refresh_token"])

    assert (rows(tenant, "refresh"), rows(tenant, "access")) == (0, 6)
    assert client.is_active(token)


@pytest.mark.requirement("REF-08")
@pytest.mark.settings(refresh_grace_seconds=0)
def test_a_token_of_long_ago_that_comes_back_ends_the_grant(client: Client) -> None:
    first = str(client.issue().refresh_token)
    newest = first
    for _ in range(4):
        newest = str(client.refresh(newest).json()["refresh_token"])
    assert client.is_active(newest)

    reply = client.refresh(first)

    assert error_of(reply) == "invalid_grant"
    assert not client.is_active(newest)


@pytest.mark.requirement("REV-03")
def test_a_token_of_long_ago_revokes_its_grant(client: Client) -> None:
    first = str(client.issue().refresh_token)
    newest = str(client.refresh(str(client.refresh(first).json()["refresh_token"])).json()["refresh_token"])
    assert client.is_active(newest)

    client.revoke(first)

    assert not client.is_active(newest)


def test_a_forged_older_token_ends_nothing(client: Client) -> None:
    issued = client.issue()
    newest = str(client.refresh(str(issued.refresh_token)).json()["refresh_token"])
    forgery = forged(client, issued.grant_id, 0)

    refreshed, revoked = client.refresh(forgery), client.revoke(forgery)

    assert error_of(refreshed) == "invalid_grant"
    assert revoked.status_code == 200
    assert client.is_active(newest)
    assert client.is_active(issued.access_token)


def test_a_forged_newer_token_is_none(client: Client) -> None:
    issued = client.issue()

    reply = client.refresh(forged(client, issued.grant_id, 1))

    assert error_of(reply) == "invalid_grant"
    assert client.is_active(str(issued.refresh_token))


def test_a_token_of_an_unknown_grant_is_unknown(client: Client) -> None:
    token = client.tenant.server.authority.keyring.new_refresh_token(new_id(), 0)

    assert error_of(client.refresh(token)) == "invalid_grant"
    assert client.revoke(token).status_code == 200


def test_a_key_that_was_taken_away_throws_nobody_out(client: Client) -> None:
    """Its digest proves the token that is good now, whoever marked it."""
    keyring = client.tenant.server.authority.keyring
    token = str(client.issue().refresh_token)
    marks, keyring._for_marks = keyring._for_marks, [OTHER_KEY]
    try:
        reply = client.refresh(token)
    finally:
        keyring._for_marks = marks

    assert reply.status_code == 200
    assert client.is_active(str(reply.json()["refresh_token"]))


def test_of_no_token_more_than_a_digest_is_kept(client: Client) -> None:
    store = client.tenant.server.authority.store
    token = str(client.issue().refresh_token)
    mine = select(grants.c.refresh_digest).where(grants.c.tenant_id == client.tenant.record.id)

    with store.opened() as connection:
        kept = list(connection.execute(mine).scalars())

    assert kept == [digest(token)]
