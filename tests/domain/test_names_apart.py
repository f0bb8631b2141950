"""RFC 9700 section 4.15: nobody takes the token of a client for that of a person, or the other way round."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from rescind.domain import operating
from rescind.domain.people import users
from rescind.domain.registry import clients
from rescind.errors import AlreadyExists, BadValue
from rescind.store import clients as client_rows
from rescind.store import users as user_rows
from rescind.store.activity import TENANT_ID
from rescind.store.statements import plain
from rescind.store.tables import sessions
from tests import stores
from tests.servers import Client, Tenant

NAME = "orders"
Making = Callable[[Tenant], object]


def new_user(tenant: Tenant) -> object:
    return users.create(tenant.server.authority, tenant.record, NAME)


def new_session(tenant: Tenant) -> object:
    return tenant.new_session(NAME)


def new_grant(tenant: Tenant) -> object:
    return tenant.new_client().issue(NAME)


def new_session_that_was_purged(tenant: Tenant) -> object:
    new_session(tenant)
    purged = plain(delete(sessions).where(sessions.c.tenant_id == TENANT_ID, sessions.c.subject == NAME))
    return tenant.server.authority.store.transact(lambda tx: tx.rows(purged, tenant_id=tenant.record.id))


def new_user_who_was_deleted(tenant: Tenant) -> object:
    new_user(tenant)
    return users.delete(tenant.server.authority, tenant.record, NAME, actor="operator:test")


def new_client(tenant: Tenant) -> Client:
    return tenant.new_client(client_id=NAME)


def refusal(tenant: Tenant) -> str | None:
    """Try to make the client; gives why it is refused."""
    try:
        new_client(tenant)
    except AlreadyExists as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    "make", [new_user, new_session, new_grant, new_session_that_was_purged, new_user_who_was_deleted]
)
def test_no_client_is_made_with_the_name_of_a_person(
    tenant: Tenant, other_tenant: Tenant, make: Making
) -> None:
    make(tenant)

    refusals = [refusal(tenant), refusal(other_tenant)]

    assert refusals == [
        "orders is the name of a person here, for whom a client of that id could be taken.",
        None,
    ]


@pytest.mark.parametrize("make", [new_user, new_session, new_grant])
def test_a_client_that_was_deleted_does_not_come_back_with_the_name_of_a_person(
    tenant: Tenant, make: Making
) -> None:
    new_client(tenant)
    clients.delete(tenant.server.authority, tenant.record, NAME, actor="operator:test")
    make(tenant)

    with pytest.raises(AlreadyExists, match="the name of a person"):
        new_client(tenant)


def test_no_user_is_made_with_the_id_of_a_client(tenant: Tenant, other_tenant: Tenant) -> None:
    new_client(tenant)

    with pytest.raises(AlreadyExists, match="The client 'orders' is there already"):
        new_user(tenant)
    new_user(other_tenant)
    clients.delete(tenant.server.authority, tenant.record, NAME, actor="operator:test")
    new_user(tenant)


def test_an_operator_issues_nothing_about_a_client(tenant: Tenant) -> None:
    new_client(tenant)
    issuing = operating.issue(
        tenant.server.authority, tenant.name, NAME, subject=NAME, scope="", expires_in=None, count=1
    )

    with pytest.raises(BadValue, match="orders is a client"):
        next(issuing)


@pytest.mark.parametrize("first", [new_user, new_client], ids=["user first", "client first"])
def test_of_a_user_and_a_client_that_are_made_at_once_there_is_one(tenant: Tenant, first: Making) -> None:
    authority, record = tenant.server.authority, tenant.record
    known = clients.create(authority, record, secret="s" * 40).client
    waits = threading.Event()

    def second() -> object:
        waits.set()
        return new_client(tenant) if first is new_user else new_user(tenant)

    with ThreadPoolExecutor(1) as other, stores.transaction(authority.store) as tx:
        if first is new_user:
            user_rows.create(tx, record.id, NAME, None)
        else:
            made = {name: getattr(known, name) for name in known.__slots__} | {"client_id": NAME}
            client_rows.create(tx, record.id, type(known)(**made))
        making = other.submit(second)
        waits.wait()
        time.sleep(0.3)
        is_made = making.done()

    assert not is_made
    with pytest.raises(AlreadyExists):
        making.result()


def test_who_introspects_can_tell_a_client_from_a_person_of_its_name(
    tenant: Tenant, resource_server: Client
) -> None:
    client = new_client(tenant)
    # As a host may call somebody, who signs in there.
    person = client.issue(NAME)
    own = client.access_token()

    of_person, of_client = (resource_server.introspect(token).json() for token in (person.access_token, own))

    assert (of_person["sub"], of_client["sub"]) == (NAME, NAME)
    assert of_person["username"] == NAME
    assert "username" not in of_client
    assert client.introspect(str(person.refresh_token)).json()["username"] == NAME
