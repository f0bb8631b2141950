"""The last step on a PostgreSQL that the version before has made, and what only a rebuild changes."""

from dataclasses import replace

import pytest

from rescind.domain import upgrading
from rescind.domain.registry import tenants
from rescind.errors import Refused
from rescind.store import collating, migrating
from rescind.store.altering import Altering
from rescind.store.engine import Store
from tests import stores
from tests.upgrading.conftest import TENANT, Older

on_postgresql = pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="module")

INDEXES = """
SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid IN ('rescind.grants'::regclass, 'rescind.tokens'::regclass) AND (indisvalid AND {})
"""
ADDED = {
    "ix_grants_tenant_id_client_id_id",
    "ix_grants_tenant_id_offline_session_sid",
    "ix_grants_tenant_id_purge_at",
    "ix_grants_tenant_id_subject_client_id_id",
    "ix_tokens_tenant_id_purge_at",
}
PARTIAL = {
    "ix_grants_tenant_id_offline_session_sid",
    "ix_grants_tenant_id_session_sid",
    "ix_grants_tenant_id_subject_client_id_id",
}


def names(store: Store, condition: str) -> set[str]:
    """Give the names of the indexes of grants and tokens of which something holds."""
    with store.opened() as connection:
        return {str(name) for (name,) in connection.exec_driver_sql(INDEXES.format(condition))}


def is_collated(store: Store) -> bool:
    """Tell whether all ids are compared byte by byte."""
    with store.opened() as connection:
        return collating.is_collated(Altering(connection))


@on_postgresql
def test_each_step_takes_and_leaves_what_it_should(older: Older) -> None:
    store = older.authority.store
    before = names(store, "true")

    migrating.upgrade(store)
    expanded = names(store, "true")
    upgrading.finish(older.authority)

    # While workers of the version before are left, they have all of their indexes.
    assert expanded == before | ADDED
    assert names(store, "indpred IS NOT NULL") == PARTIAL
    assert names(store, "true") == {"pk_grants", "pk_tokens", *ADDED, *PARTIAL}
    with store.opened() as connection:
        options = connection.exec_driver_sql(
            "SELECT reloptions FROM pg_class "
            "WHERE oid IN ('rescind.grants'::regclass, 'rescind.tokens'::regclass)"
        )
        assert [option for (option,) in options] == [["fillfactor=85"]] * 2


@on_postgresql
def test_ids_are_sorted_anew_only_when_that_is_asked_for(older: Older) -> None:
    store = older.authority.store
    told: list[str] = []

    upgrading.finish(older.authority, tell=told.append)
    as_it_was = is_collated(store)
    # As another process sees it, which has not known it before.
    authority = replace(older.authority, store=store.apart(pool_size=1))
    tenant = tenants.get(authority, TENANT)
    # Nothing would tell how many clients a host has.
    with pytest.raises(Refused, match="db upgrade --finish --rebuild"):
        tenants.update(authority, tenant, {"client_metadata_documents": True})
    upgrading.finish(older.authority, is_rebuilding=True)
    tenants.update(authority, tenant, {"client_metadata_documents": True})
    authority.store.dispose()

    assert not as_it_was
    assert "db upgrade --finish --rebuild" in told[-1]
    assert is_collated(store)
    assert migrating.differences(store) == []


@on_postgresql
def test_a_last_step_that_was_stopped_goes_on(older: Older) -> None:
    store = older.authority.store
    upgrading.finish(older.authority)
    with store.opened(is_writing=True) as connection:
        connection.exec_driver_sql(stores.UNSETTLE.format(schema="rescind."))
        name = "ix_grants_tenant_id_session_sid"
        connection.exec_driver_sql(f"ALTER INDEX rescind.{name} RENAME TO {name}_narrow")

    upgrading.finish(older.authority)

    assert names(store, "indpred IS NOT NULL") == PARTIAL
    assert migrating.differences(store) == []
