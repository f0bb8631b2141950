"""The check that every statement names the tenant would notice one that does not."""

import pytest
from sqlalchemy import select

from rescind.store import admission
from rescind.store.records import PresentedToken
from rescind.store.statements import plain
from rescind.store.tables import grants, tokens
from tests import tenant_conditions
from tests.servers import Client, Server


def test_a_statement_that_forgets_the_tenant_is_noticed_when_it_runs(server: Server) -> None:
    with server.authority.store.reading() as tx:
        tx.first(plain(select(tokens.c.kind).where(tokens.c.digest == b"any")))

    assert len(tenant_conditions.offences) == 1
    tenant_conditions.offences.clear()


def test_the_condition_of_one_table_is_not_taken_for_that_of_another(server: Server) -> None:
    joined = tokens.join(grants, tokens.c.grant_id == grants.c.id)
    statement = select(tokens.c.kind).select_from(joined).where(tokens.c.tenant_id == 1)

    with server.authority.store.reading() as tx:
        tx.first(plain(statement))

    assert ["grants" in offence for offence in tenant_conditions.offences] == [True]
    tenant_conditions.offences.clear()


@pytest.mark.parametrize("table", sorted(tenant_conditions.TENANT_TABLES))
def test_every_table_of_a_tenant_is_watched(table: str) -> None:
    statement = f"DELETE FROM {table} WHERE {table}.epoch = 1"

    assert len(tenant_conditions.unconditioned(statement, "sqlite")) == 1


def test_the_statements_of_the_product_are_seen(client: Client) -> None:
    with client.tenant.server.authority.store.reading() as tx:
        admission.find_token(tx, client.tenant.record.id, PresentedToken(b"any"))

    assert tenant_conditions.unconditioned.cache_info().currsize > 3
    assert tenant_conditions.offences == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT tokens.kind FROM tokens WHERE tokens.tenant_id = ? OR tokens.kind = 'access'",
        "SELECT tokens.tenant_id = ? FROM tokens",
        "SELECT tokens.kind FROM tokens WHERE NOT (tokens.tenant_id = ?)",
        "DELETE FROM tokens WHERE tokens.digest IN (SELECT digest FROM tokens AS t WHERE t.tenant_id = ?)",
    ],
    ids=["one of two", "in the list", "denied", "of the inner query"],
)
def test_a_condition_that_does_not_hold_for_every_row_is_none(statement: str) -> None:
    assert len(tenant_conditions.unconditioned(statement, "sqlite")) == 1
