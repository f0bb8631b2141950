"""A tenant's id is remembered for its name; whether the tenant is there, and open, is read every time."""

from sqlalchemy import delete, insert

from rescind.store import admission
from rescind.store.tables import tenants
from tests.servers import Server


def test_an_id_that_is_another_tenants_by_now_is_found_out(server: Server) -> None:
    tenant = server.new_tenant()
    store, name = server.authority.store, tenant.name
    assert admission.admit(store, name) is not None
    with store.opened(is_writing=True) as connection:
        connection.execute(delete(tenants).where(tenants.c.id == tenant.record.id))
        # As SQLite does, which gives ids of rows that are gone out again.
        row = {"id": tenant.record.id, "name": f"{name}-2", "epoch": 0, "created_at": 1, "settings": "{}"}
        connection.execute(insert(tenants), row)

    found = [admission.admit(store, each) for each in (name, f"{name}-2")]

    assert [each and each.tenant.name for each in found] == [None, f"{name}-2"]


def test_a_tenant_that_was_disabled_is_none_from_then_on(server: Server) -> None:
    tenant = server.new_tenant()
    store = server.authority.store
    assert admission.admit(store, tenant.name) is not None

    with store.opened(is_writing=True) as connection:
        connection.execute(tenants.update().where(tenants.c.id == tenant.record.id).values(disabled_at=1))

    assert admission.admit(store, tenant.name) is None


def test_no_more_names_are_remembered_than_there_is_room_for(server: Server) -> None:
    store = server.authority.store
    store.tenant_ids.update({f"made-up-{number}": -number for number in range(admission.MOST_NAMES)})

    assert admission.admit(store, server.new_tenant().name) is not None
    assert len(store.tenant_ids) == 1
