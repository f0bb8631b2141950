"""Users: how they are made, and what ends when a password changes or somebody is kept out."""

import time
from collections.abc import Callable
from statistics import median

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import select, update

from rescind.domain import names
from rescind.domain.people import users
from rescind.domain.revoking import hooks
from rescind.domain.revoking.causes import Revocation
from rescind.errors import AlreadyExists, BadValue, NotFound
from rescind.store.tables import users as user_rows
from tests.cli.event_rows import event_rows
from tests.cli.shell import on_sqlite
from tests.domain.people.signing_in import (
    PASSWORD,
    enter,
    gives_active_tokens,
    new_user,
    outcome,
)
from tests.servers import Client, Server, Tenant

NEW_PASSWORD = "another horse altogether"


def stored_hash(tenant: Tenant, username: str = "alice") -> str:
    """Read what is kept of a password."""
    found = select(user_rows.c.password_hash).where(
        user_rows.c.tenant_id == tenant.record.id, user_rows.c.username == username
    )
    with tenant.server.authority.store.opened() as tx:
        return str(tx.execute(found).scalar_one())


def store_hash(tenant: Tenant, password_hash: str) -> None:
    """Write a hash as an older version made it."""
    this = update(user_rows).where(user_rows.c.tenant_id == tenant.record.id)
    with tenant.server.authority.store.opened(is_writing=True) as tx:
        tx.execute(this.values(password_hash=password_hash))


def milliseconds(tenant: Tenant, username: str) -> float:
    """Measure the work of a wrong password, of all threads, as the median of some."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        assert outcome(tenant, username, "a wrong password") == "refused"
        taken.append((time.process_time() - began) * 1000)
    return median(taken)


def test_of_a_password_an_argon2id_hash_with_64_mib_is_kept(tenant: Tenant) -> None:
    new_user(tenant)

    kept = stored_hash(tenant)
    assert kept.startswith("$argon2id$")
    assert extract_parameters(kept).memory_cost == 65_536
    assert PASSWORD not in kept


@on_sqlite
@pytest.mark.settings(sign_in_attempts=100, sign_in_attempts_per_address=100)
def test_a_refusal_costs_the_same_work_whoever_is_named(
    tenant: Tenant, figure: Callable[[str], None]
) -> None:
    new_user(tenant)
    new_user(tenant, "disabled")
    users.disable(tenant.server.authority, tenant.record, "disabled", actor="test")
    enter(tenant)

    taken = {who: milliseconds(tenant, who) for who in ("alice", "disabled", "nobody")}

    figure("sign-in refused: " + ", ".join(f"{who} {median_ms:.0f} ms" for who, median_ms in taken.items()))
    # Without the hash it is a hundredth.
    assert min(taken.values()) > max(taken.values()) / 2


def test_a_hash_of_older_parameters_is_renewed_by_a_sign_in(tenant: Tenant) -> None:
    new_user(tenant, password=None)
    store_hash(tenant, PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD))

    enter(tenant)

    assert extract_parameters(stored_hash(tenant)).memory_cost == 65_536
    assert outcome(tenant) == "in"


@pytest.mark.usefixtures("cheap_hashes")
def test_the_same_password_typed_on_another_keyboard_is_the_same(tenant: Tenant) -> None:
    new_user(tenant, password="cafe\u0301 au lait")

    assert outcome(tenant, password="caf\u00e9 au lait") == "in"


@pytest.mark.parametrize(
    "password",
    ["seven77", "x" * 1025, "with\nline feed", "with\x00nul", "with\udc80lone byte"],
    ids=["short", "long", "line feed", "nul", "lone byte"],
)
def test_a_password_that_nobody_can_type_is_no_password(tenant: Tenant, password: str) -> None:
    with pytest.raises(BadValue, match=r"^A password is 8 to 1024 characters without control characters\.$"):
        new_user(tenant, password=password)


@pytest.mark.parametrize("username", ["", "-rf", " alice", "alice ", "a\tb", "a\x00b", "a" * 256])
def test_a_username_that_would_be_mistaken_is_refused(username: str) -> None:
    with pytest.raises(BadValue):
        names.username(username)


def test_a_username_is_taken_once_in_a_tenant(tenant: Tenant, other_tenant: Tenant) -> None:
    new_user(tenant, password=None)

    with pytest.raises(AlreadyExists):
        new_user(tenant, password=None)
    assert new_user(other_tenant, password=None) == "alice"


@pytest.mark.usefixtures("cheap_hashes")
@pytest.mark.requirement("TEN-09")
def test_a_user_of_one_tenant_is_nobody_in_another(tenant: Tenant, other_tenant: Tenant) -> None:
    new_user(tenant)

    assert [outcome(tenant), outcome(other_tenant)] == ["in", "refused"]


@pytest.mark.usefixtures("cheap_hashes")
def test_set_password_ends_all_of_the_subject_and_of_nobody_else(tenant: Tenant, client: Client) -> None:
    new_user(tenant)
    of_session, of_offline = enter(tenant), client.issue("alice")
    hers = client.issue("alice", session_sid=of_session.sid)
    of_bob = client.issue("bob")

    users.set_password(tenant.server.authority, tenant.record, "alice", NEW_PASSWORD, actor="operator:test")

    assert not client.is_active(hers.access_token)
    assert not client.is_active(of_offline.access_token)
    assert not gives_active_tokens(client, of_session)
    assert client.is_active(of_bob.access_token)
    (event,) = event_rows(tenant)
    assert (event["selector_kind"], event["selector_value"], event["cause"], event["actor"]) == (
        *("subject", "alice"),
        *("password-changed", "operator:test"),
    )


@pytest.mark.usefixtures("cheap_hashes")
def test_set_password_lets_the_new_password_in_and_the_old_one_no_more(
    tenant: Tenant, client: Client
) -> None:
    new_user(tenant)

    users.set_password(tenant.server.authority, tenant.record, "alice", NEW_PASSWORD, actor="operator:test")

    assert outcome(tenant) == "refused"
    assert gives_active_tokens(client, enter(tenant, password=NEW_PASSWORD))


@pytest.mark.usefixtures("cheap_hashes")
def test_disable_ends_all_of_the_subject_and_enable_revives_nothing(tenant: Tenant, client: Client) -> None:
    new_user(tenant)
    before, offline = enter(tenant), client.issue("alice")
    authority = tenant.server.authority

    users.disable(authority, tenant.record, "alice", actor="operator:test")
    kept_out = outcome(tenant)
    users.enable(authority, tenant.record, "alice")

    assert kept_out == "refused"
    assert not gives_active_tokens(client, before)
    assert not client.is_active(offline.access_token)
    assert gives_active_tokens(client, enter(tenant))
    assert [event["cause"] for event in event_rows(tenant)] == ["user-disabled"]


@pytest.mark.parametrize("username", ["nobody", "no\x00body"])
def test_a_user_who_is_not_there_can_not_be_changed(tenant: Tenant, username: str) -> None:
    with pytest.raises(NotFound):
        users.set_password(tenant.server.authority, tenant.record, username, NEW_PASSWORD, actor="test")
    assert event_rows(tenant) == []


@pytest.mark.usefixtures("cheap_hashes")
def test_a_host_hears_of_a_changed_password_and_a_disabled_user(server: Server, tenant: Tenant) -> None:
    new_user(tenant, password=None)
    heard: list[Revocation] = []

    def listen(sender: object, revocation: Revocation) -> None:
        heard.append(revocation)

    with hooks.revoked.connected_to(listen, sender=server.authority):
        users.set_password(server.authority, tenant.record, "alice", NEW_PASSWORD, actor="test")
        users.disable(server.authority, tenant.record, "alice", actor="test")

    assert [(each.cause.name, each.value) for each in heard] == [
        ("password-changed", "alice"),
        ("user-disabled", "alice"),
    ]


def test_the_end_of_a_user_who_was_given_nothing_is_noted(tenant: Tenant) -> None:
    new_user(tenant)

    done = users.delete(tenant.server.authority, tenant.record, "alice", actor="operator:test")

    (event,) = event_rows(tenant)
    assert (done.revoked, done.event_id) == (True, event["id"])
    assert (event["cause"], event["subject"]) == ("user-deleted", "alice")
