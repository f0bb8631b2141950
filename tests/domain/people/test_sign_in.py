"""Sign-in: who gets in, and what who does not is told."""

import pytest

from rescind.domain import clock
from rescind.domain.people import users
from rescind.errors import RescindError, SignInRefused
from rescind.store import sessions as session_rows
from tests.domain.people.signing_in import (
    PASSWORD,
    enter,
    gives_active_tokens,
    new_user,
)
from tests.servers import Client, Tenant

NOW = 1_800_000_000
pytestmark = pytest.mark.usefixtures("cheap_hashes")


def refusal(tenant: Tenant, username: str, password: str) -> tuple[type[RescindError], str, object]:
    """Sign in where that is refused, and give all that there is of the answer."""
    with pytest.raises(SignInRefused) as caught:
        enter(tenant, username, password)
    return type(caught.value), str(caught.value), vars(caught.value)


@pytest.mark.settings(session_seconds=3600)
def test_the_right_password_begins_a_session_of_the_set_lifetime(tenant: Tenant, client: Client) -> None:
    new_user(tenant)
    clock.set(NOW)

    signed_in = enter(tenant)

    with tenant.server.authority.store.reading() as tx:
        session = session_rows.find(tx, tenant.record.id, signed_in.sid)
    assert session is not None
    assert (session.subject, session.auth_time, session.expires_at) == ("alice", NOW, NOW + 3600)
    assert signed_in.subject == "alice"
    assert gives_active_tokens(client, signed_in)


def test_each_sign_in_has_a_session_and_a_cookie_of_its_own(tenant: Tenant) -> None:
    new_user(tenant)

    first, second = enter(tenant), enter(tenant)

    assert first.sid != second.sid
    assert first.cookie != second.cookie
    assert first.cookie not in repr(first)


def test_a_space_that_a_phone_adds_behind_the_username_does_not_count(tenant: Tenant) -> None:
    new_user(tenant)

    assert enter(tenant, " alice ").subject == "alice"


@pytest.mark.requirement("AZ-16")
@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("nobody", PASSWORD),
        ("Alice", PASSWORD),
        ("no\x00body", PASSWORD),
        ("no\udc80body", PASSWORD),
        ("disabled", PASSWORD),
        ("waiting", PASSWORD),
        ("waiting", ""),
        ("alice", ""),
        ("alice", "x" * 60_000),
        ("alice", "lone \udc80 byte"),
    ],
    ids=[
        *["unknown", "another case", "nul", "lone byte", "disabled", "no password", "none for none"],
        *["empty", "huge", "password with a lone byte"],
    ],
)
def test_who_is_refused_is_not_told_why(tenant: Tenant, username: str, password: str) -> None:
    new_user(tenant)
    new_user(tenant, "waiting", None)
    new_user(tenant, "disabled")
    users.disable(tenant.server.authority, tenant.record, "disabled", actor="test")

    assert refusal(tenant, username, password) == refusal(tenant, "alice", "a wrong password")
