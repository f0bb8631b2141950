"""`rescind tenant delete`: everything of a closed tenant, and nothing of another."""

from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Boolean, Integer, LargeBinary, Table, func, insert, select

from rescind.domain.registry import clients, tenant_deletion, tenants
from rescind.errors import Refused
from rescind.store.columns import Words
from rescind.store.tables import Base
from tests.cli.shell import Shell, on_sqlite
from tests.cli.test_terminal import at_terminal
from tests.servers import Server, Tenant

TABLES = [
    table
    for table in Base.metadata.sorted_tables
    # What is known by its tenant alone has one row, which is no tenant's.
    if "tenant_id" in table.c and len(table.primary_key.columns) > 1
]


def rows(tenant: Tenant) -> dict[str, int]:
    """Count what every table has of a tenant."""
    with tenant.server.authority.store.opened() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(table.c.tenant_id == tenant.record.id)
            ).scalar_one()
            for table in TABLES
        }


def filler(table: Table, number: int) -> dict[str, Any]:
    """Give a row of a table that holds something in each column that has to have something."""
    row: dict[str, Any] = {}
    for column in table.c:
        kind = column.type
        if column.nullable:
            continue
        if isinstance(kind, Boolean):
            row[column.name] = False
        elif isinstance(kind, Integer):
            row[column.name] = 0
        elif isinstance(kind, LargeBinary):
            row[column.name] = f"{number}".encode()
        else:
            row[column.name] = () if isinstance(kind, Words) else f"x{number}"
    return row


def fill(tenant: Tenant, count: int = 3) -> None:
    """Write rows of a tenant into every table."""
    with tenant.server.authority.store.opened(is_writing=True) as connection:
        for table in TABLES:
            made = [filler(table, number) | {"tenant_id": tenant.record.id} for number in range(count)]
            connection.execute(insert(table), made)


@pytest.fixture
def closed(server: Server, tenant: Tenant) -> Tenant:
    """Give a tenant that is disabled and has something in every table."""
    fill(tenant)
    tenants.disable(server.authority, tenant.name, actor="operator:test")
    return tenant


def test_nothing_of_it_is_left_and_nothing_of_another_is_gone(
    shell: Shell, closed: Tenant, other_tenant: Tenant
) -> None:
    fill(other_tenant)
    before, others = rows(closed), rows(other_tenant)

    record = shell.run("tenant", "delete", closed.name, "--json").record

    assert min(before.values()) >= 3
    assert record == {"tenant": closed.name, "deleted": True, "rows": sum(before.values())}
    assert set(rows(closed).values()) == {0}
    assert rows(other_tenant) == others
    listed = shell.run("tenant", "list", "--json").records
    assert closed.name not in [each["tenant"] for each in listed]
    assert not any(each["tenant"].startswith("~") for each in listed)
    assert shell.run("tenant", "show", closed.name).code == 1


def test_what_was_given_under_its_name_stays_dead_when_another_has_it(
    shell: Shell, server: Server, tenant: Tenant
) -> None:
    client = tenant.new_client(client_id="shop", secret="0123456789abcdefghij0123456789abcdef")
    token = client.access_token()
    assert client.is_active(token)
    shell.run("tenant", "disable", tenant.name)
    shell.run("tenant", "delete", tenant.name)

    again = server.new_tenant(tenant.name)
    clients.create(server.authority, again.record, client_id="shop", secret=client.secret)

    assert again.record.id != tenant.record.id
    assert client.access_token()
    assert not client.is_active(token)


def test_one_that_was_stopped_goes_on_where_it_was(shell: Shell, server: Server, closed: Tenant) -> None:
    whole = sum(rows(closed).values())
    with closing(tenant_deletion.delete(server.authority, closed.name, batch_rows=1)) as deletion:
        for _ in range(5):
            next(deletion)
    left = sum(rows(closed).values())
    shown = shell.run("tenant", "show", closed.name, "--json").record

    record = shell.run("tenant", "delete", closed.name, "--json").record

    assert (left, record["rows"]) == (whole - 5, whole - 5)
    assert shown["disabled_at"] is not None
    assert set(rows(closed).values()) == {0}


def test_batches_that_are_smaller_than_a_key_leave_nothing(server: Server, closed: Tenant) -> None:
    done = list(tenant_deletion.delete(server.authority, closed.name, batch_rows=2))

    assert max(batch.rows for batch in done) == 2
    assert set(rows(closed).values()) == {0}


def test_one_that_is_open_is_refused(shell: Shell, tenant: Tenant) -> None:
    fill(tenant)
    before = rows(tenant)

    outcome = shell.run("tenant", "delete", tenant.name, "--yes", "--json")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.said == (
        f"rescind: The tenant {tenant.name} is open: run rescind tenant disable {tenant.name} first.\n"
    )
    assert rows(tenant) == before


def test_one_that_is_opened_meanwhile_keeps_the_rest(server: Server, closed: Tenant) -> None:
    deletion = tenant_deletion.delete(server.authority, closed.name)
    next(deletion)
    tenants.enable(server.authority, closed.name)
    left = rows(closed)

    with pytest.raises(Refused, match="opened or deleted meanwhile"):
        list(deletion)

    assert sum(left.values()) > 0
    assert rows(closed) == left
    assert tenants.get(server.authority, closed.name).disabled_at is None


@on_sqlite
def test_dry_run_counts_and_deletes_nothing(shell: Shell, closed: Tenant) -> None:
    before = rows(closed)

    record = shell.run("tenant", "delete", closed.name, "--dry-run", "--json").record

    whole = sum(before.values())
    assert record == {"dry_run": True, "tenant": closed.name, "rows": whole, "is_all": True}
    assert rows(closed) == before


@on_sqlite
def test_it_is_asked_for_with_the_number_of_rows(shell: Shell, closed: Tenant) -> None:
    before = rows(closed)

    code, said = at_terminal(shell, "tenant", "delete", closed.name, typed="n\n")

    assert code == 1
    assert (
        f"Delete the tenant {closed.name} for good, with {sum(before.values())} rows of its own? [y/N]: "
        in said
    )
    assert rows(closed) == before
