"""Two operators at one client: the second waits, and goes by what the first has committed."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from rescind.domain.registry import clients, keys
from rescind.errors import BadValue, NotFound, Refused
from rescind.store import clients as rows
from rescind.store import keys as key_rows
from rescind.store.engine import Transaction
from tests import stores
from tests.patience import LONG_SECONDS
from tests.protocol.assertions import RSA, Asserting, key_set
from tests.servers import Client, Server, Tenant

WAITS_SECONDS = 0.3
TO_KEYS = {"auth_method": "private_key_jwt", "jwks": key_set(RSA)}
Act = Callable[[Client], Any]
First = Callable[[Transaction, Client], object]


@contextlib.contextmanager
def while_waiting(client: Client, first: First, act: Act) -> Iterator[Future[Any]]:
    """Change a client while another operator acts, who has begun but must not come to an end before."""
    store = client.tenant.server.authority.store
    with ThreadPoolExecutor(1) as pool:
        with stores.transaction(store) as tx:
            first(tx, client)
            second = pool.submit(act, client)
            with pytest.raises(TimeoutError):
                second.result(timeout=WAITS_SECONDS)
        yield second


def changed(**values: Any) -> First:
    return lambda tx, client: rows.change(tx, client.tenant.record.id, client.client_id, values)


def deleted(tx: Transaction, client: Client) -> None:
    rows.delete(tx, client.tenant.record.id, client.client_id)


def made_public(tx: Transaction, client: Client) -> None:
    """Delete a client, and register another kind of one under its id."""
    changed(is_public=True, auth_method="none", secret_digest=None, grant_types=("authorization_code",))(
        tx, client
    )


def rotated(client: Client) -> Any:
    tenant = client.tenant
    return clients.rotate_secret(tenant.server.authority, tenant.record, client.client_id)


def updated(**options: Any) -> Act:
    def act(client: Client) -> Any:
        return clients.update(
            client.tenant.server.authority, client.tenant.record, client.client_id, **options
        )

    return act


def kept(client: Client) -> Any:
    with client.tenant.server.authority.store.reading() as tx:
        return rows.find(tx, client.tenant.record.id, client.client_id)


@pytest.mark.parametrize(
    ("first", "refused"),
    [
        (changed(secret_digest=None, **TO_KEYS), Refused),
        (made_public, Refused),
        (deleted, NotFound),
    ],
    ids=["to keys", "public", "deleted"],
)
def test_no_secret_is_given_to_a_client_that_has_none_by_now(
    client: Client, first: First, refused: type[Exception]
) -> None:
    with while_waiting(client, first, rotated) as second:
        error = second.exception(timeout=LONG_SECONDS)

    assert kept(client).secret_digest is None
    assert isinstance(error, refused)


def test_after_a_race_with_a_change_to_keys_no_secret_comes_back(client: Client) -> None:
    first = changed(secret_digest=None, **TO_KEYS)
    with while_waiting(client, first, rotated) as second:
        error = second.exception(timeout=LONG_SECONDS)

    updated(auth_method="client_secret_basic")(client)

    assert kept(client).secret_digest is None
    assert error is not None
    assert client.revoke("unknown").status_code == 401


def test_a_change_to_keys_takes_the_secret_of_a_rotation_before_it(client: Client) -> None:
    digest = client.tenant.server.authority.keyring.secret_digest("another secret of thirty-two letters")
    with while_waiting(client, changed(secret_digest=digest), updated(**TO_KEYS)) as second:
        second.result(timeout=LONG_SECONDS)

    assert kept(client).secret_digest is None
    assert Asserting(client, RSA, "RS256").post("revoke", token="unknown").status_code == 200


@pytest.mark.parametrize(
    "options",
    [
        {"is_resource_server": True},
        {"grant_types": ["client_credentials"]},
        {"auth_method": "client_secret_basic"},
    ],
    ids=["resource server", "client_credentials", "method"],
)
def test_a_change_goes_by_what_the_client_is_when_it_is_written(
    client: Client, options: dict[str, Any]
) -> None:
    with while_waiting(client, made_public, updated(**options)) as second:
        error = second.exception(timeout=LONG_SECONDS)

    record = kept(client)
    assert (record.is_resource_server, record.auth_method) == (False, "none")
    assert "client_credentials" not in record.grant_types
    assert isinstance(error, BadValue)


def test_two_changes_at_once_are_both_kept(client: Client) -> None:
    with while_waiting(client, changed(name="Shop"), updated(scope="read")) as second:
        shown = second.result(timeout=LONG_SECONDS)

    assert (shown.name, shown.scope) == ("Shop", ("read",))
    assert kept(client) == shown


def test_a_signing_key_that_another_worker_has_encrypted_again_stays(server: Server, tenant: Tenant) -> None:
    authority, tenant_id = server.authority, tenant.record.id
    kid = str(keys.signing_key(authority, tenant_id).kid)
    with authority.store.reading() as tx:
        (found,) = key_rows.kept(tx, tenant_id)
    authority.store.transact(
        lambda tx: key_rows.encrypt_again(tx, tenant_id, kid, found.private_key, b"by the first")
    )

    authority.store.transact(
        lambda tx: key_rows.encrypt_again(tx, tenant_id, kid, found.private_key, b"by the second")
    )

    with authority.store.reading() as tx:
        assert [each.private_key for each in key_rows.kept(tx, tenant_id)] == [b"by the first"]
