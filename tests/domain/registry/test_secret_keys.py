"""The store knows digests of its secret keys; whoever brings another is refused before anything is made."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rescind.domain.registry import keys, secret_keys
from rescind.errors import SettingsError
from rescind.store import secret_keys as rows
from tests import stores
from tests.domain.registry.key_changes import NEW, OLD, Change, at
from tests.protocol.id_tokens import openid_client, signed_in
from tests.store.apart import at_once

REFUSED = "The secret key is another than the store's: RESCIND_SECRET_KEY is set to another here."


@pytest.fixture(params=stores.BACKENDS)
def change(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Change]:
    """Give a store of its own, of each kind in turn."""
    if request.param == "sqlite":
        url = stores.new_migrated_file(tmp_path / "keys.sqlite3")
    else:
        url = stores.new_migrated_database(request.getfixturevalue("postgresql"))
    change = Change(url, tmp_path)
    yield change
    change.end()


def forget(change: Change) -> None:
    """Have the store as one of the version before, which did not know its keys."""
    store = change.authority(OLD).store
    with store.opened(is_writing=True) as connection:
        connection.exec_driver_sql(
            "DELETE FROM secret_keys" if store.is_sqlite else "TRUNCATE rescind.secret_keys"
        )


def is_taken(change: Change, *secret_keys: str) -> bool:
    """Tell whether a server starts with these keys."""
    try:
        change.server(*secret_keys)
    except SettingsError as error:
        assert str(error).startswith(REFUSED)
        assert not any(key in str(error) for key in secret_keys)
        return False
    return True


def test_a_server_with_another_key_does_not_start_and_the_first_goes_on(change: Change) -> None:
    client = openid_client(change.server(OLD).new_tenant())

    assert not is_taken(change, NEW)
    assert is_taken(change, OLD)
    assert client.revoke("unknown").status_code == 200


def test_keys_are_changed_by_lists_and_clients_and_signing_keys_go_on(change: Change) -> None:
    client = openid_client(change.server(OLD).new_tenant())
    signed_in(client)

    steps = [is_taken(change, OLD, NEW), is_taken(change, NEW, OLD)]

    both = change.servers[-1]
    assert steps == [True, True]
    assert "id_token" in signed_in(at(client, both))
    assert keys.encrypt_all_again(both.authority, client.tenant.record) == (0, [])
    assert is_taken(change, NEW)
    assert "id_token" in signed_in(at(client, change.servers[-1]))


def test_an_older_key_alone_is_refused_once_nothing_needs_it_and_may_still_stand_beside(
    change: Change,
) -> None:
    both = change.server(OLD) and change.server(NEW, OLD)

    before = is_taken(change, OLD)
    secret_keys.retire_older(both.authority)

    assert before
    assert is_taken(change, NEW, OLD)
    assert not is_taken(change, OLD)
    assert is_taken(change, OLD, NEW)
    assert is_taken(change, OLD)


def test_a_new_key_takes_the_place_of_one_that_is_lost(change: Change) -> None:
    change.server(OLD)

    change.accept(NEW)

    assert is_taken(change, NEW)
    assert not is_taken(change, OLD)


@pytest.mark.parametrize("made", ["a client", "a signing key"])
def test_a_store_of_the_version_before_is_known_by_what_it_holds(change: Change, made: str) -> None:
    tenant = change.server(OLD).new_tenant()
    if made == "a client":
        tenant.new_client()
    else:
        keys.signing_key(tenant.server.authority, tenant.record.id)
    forget(change)

    assert not is_taken(change, NEW)
    assert is_taken(change, OLD)
    assert not is_taken(change, NEW)


def test_of_a_store_that_holds_nothing_the_first_key_is_its_own(change: Change) -> None:
    change.server(OLD).new_tenant().new_client(is_public=True)
    forget(change)

    assert is_taken(change, NEW)
    assert not is_taken(change, OLD)


def test_a_key_that_is_lost_does_not_hide_the_one_that_is_there(change: Change) -> None:
    first, second = (change.server(OLD).new_tenant() for _ in range(2))
    keys.signing_key(first.server.authority, first.record.id)
    change.accept(NEW)
    keys.signing_key(change.server(NEW).authority, second.record.id)
    forget(change)

    assert is_taken(change, NEW)


def recognised(folder: Path, url: str, secret_key: str) -> None:
    """Start with a key, in a process of its own."""
    secret_keys.recognise(Change(url, folder).authority(secret_key))


def test_of_two_keys_that_come_first_at_once_one_is_the_stores(change: Change, tmp_path: Path) -> None:
    url = stores.as_text(change.authority(OLD).store.url)

    ended = at_once(recognised, *((tmp_path, url, key) for key in (OLD, NEW, OLD, NEW)))

    found = rows.find(change.authority(OLD).store)
    assert found is not None
    assert len(found.known) == 1
    assert sorted(ended, key=str) == [0, 0, 1, 1]


def test_what_the_store_knows_is_no_key(change: Change) -> None:
    change.server(OLD, NEW)

    found = rows.find(change.authority(OLD).store)

    assert found is not None
    assert [len(bytes.fromhex(each)) for each in found.known] == [16, 16]
    assert not any(key.encode().hex() in each for key in (OLD, NEW) for each in found.known)
