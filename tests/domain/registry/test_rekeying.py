"""`RESCIND_SECRET_KEY` is changed as the manual says: first `old,new`, then `new,old`, then `new`."""

from rescind.domain.registry import clients, keys
from rescind.domain.registry.rekeying import Rekeyed, rekey
from tests import stores
from tests.domain.registry.key_changes import NEW, OLD, Change, at
from tests.protocol.id_tokens import openid_client, signed_in, verified


def test_once_nothing_is_left_the_new_key_alone_signs_and_knows_the_client(change: Change) -> None:
    client = openid_client(change.server(OLD).new_tenant())
    id_token = signed_in(client)["id_token"]
    both = change.server(NEW, OLD)
    first = list(rekey(both.authority))
    assert at(client, both).revoke("unknown").status_code == 200

    second = list(rekey(both.authority))

    name, new = client.tenant.name, at(client, change.server(NEW))
    assert first == [Rekeyed(name, 1, [], [client.client_id])]
    assert second == [Rekeyed(name, 0, [], [])]
    assert verified(new.tenant, id_token).claims["sub"] == "alice"
    assert verified(new.tenant, signed_in(new)["id_token"]).claims["sub"] == "alice"


def test_keys_that_wait_and_that_are_published_only_are_encrypted_again_too(change: Change) -> None:
    tenant = change.server(OLD).new_tenant()
    keys.signing_key(tenant.server.authority, tenant.record.id)
    keys.rotate(tenant.server.authority, tenant.record)

    (rekeyed,) = rekey(change.server(NEW, OLD).authority)

    new = change.server(NEW).authority
    assert rekeyed.encrypted_again == 2
    assert [state for _, state in keys.list_all(new, tenant.record)] == ["signs", "waits"]
    assert list(rekey(new)) == [Rekeyed(tenant.name, 0, [], [])]


def test_a_key_that_no_secret_key_decrypts_is_named_until_another_signs(change: Change) -> None:
    tenant = change.server(OLD).new_tenant()
    lost = keys.signing_key(tenant.server.authority, tenant.record.id).kid
    change.accept(NEW)
    new = change.server(NEW).authority
    before = [rekeyed.lost_keys for rekeyed in rekey(new)]

    keys.rotate(new, tenant.record)

    assert before == [[lost]]
    assert [rekeyed.lost_keys for rekeyed in rekey(new)] == [[]]


def test_public_clients_and_deleted_ones_need_no_key(change: Change) -> None:
    tenant = change.server(OLD).new_tenant()
    tenant.new_client(is_public=True)
    deleted = tenant.new_client()
    clients.delete(tenant.server.authority, tenant.record, deleted.client_id, actor="operator:tests")

    (rekeyed,) = rekey(change.server(NEW, OLD).authority)

    assert rekeyed.waiting_clients == []


def test_a_digest_of_an_earlier_version_counts_until_its_client_has_authenticated(change: Change) -> None:
    server = change.server(OLD)
    client = server.new_tenant().new_client()
    earlier = server.authority.keyring.secret_digest(str(client.secret), is_marked=False)
    with server.authority.store.opened(is_writing=True) as connection:
        connection.exec_driver_sql("UPDATE clients SET secret_digest = ?", (earlier,))
    before = [rekeyed.waiting_clients for rekeyed in rekey(server.authority)]

    reply = client.revoke("unknown")

    assert reply.status_code == 200
    assert before == [[client.client_id]]
    assert [rekeyed.waiting_clients for rekeyed in rekey(server.authority)] == [[]]


def test_while_workers_of_an_earlier_version_may_be_left_a_digest_is_as_they_know_it(change: Change) -> None:
    with change.server(OLD).authority.store.opened(is_writing=True) as connection:
        connection.exec_driver_sql(stores.UNSETTLE.format(schema=""))
    server = change.server(OLD)

    client = server.new_tenant().new_client()

    known = clients.get(server.authority, client.tenant.record, client.client_id)
    assert known.secret_digest == server.authority.keyring.secret_digest(str(client.secret), is_marked=False)
    assert client.revoke("unknown").status_code == 200
