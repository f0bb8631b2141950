"""`rescind purge`: what can no longer matter goes, and nothing else."""

from contextlib import closing

from sqlalchemy import func, select

from rescind.domain import clock, purging
from rescind.store import tables
from tests.cli.shell import Shell
from tests.servers import Client, Tenant

YEAR_SECONDS = 366 * 86_400


def rows(tenant: Tenant) -> dict[str, int]:
    """Count the tokens and grants of a tenant that are still kept."""
    counting = {
        table.name: select(func.count()).select_from(table).where(table.c.tenant_id == tenant.record.id)
        for table in (tables.tokens, tables.grants)
    }
    with tenant.server.authority.store.opened() as tx:
        return {name: tx.execute(statement).scalar_one() for name, statement in counting.items()}


def issue_long_ago(client: Client) -> None:
    """Issue a pair of tokens that has expired long since."""
    clock.set(clock.now() - YEAR_SECONDS)
    client.issue("alice")
    clock.set(None)


def test_purge_deletes_what_has_expired_and_tells_how_much(
    shell: Shell, client: Client, tenant: Tenant
) -> None:
    issue_long_ago(client)
    kept = client.issue("alice")

    record = shell.run("purge", "--json").record

    assert record["tokens"] >= 1
    assert record["grants"] >= 1
    assert rows(tenant) == {"tokens": 1, "grants": 1}
    assert client.is_active(kept.access_token)
    assert client.refresh(kept.refresh_token or "").status_code == 200


def test_purge_with_dry_run_counts_and_deletes_nothing(shell: Shell, client: Client, tenant: Tenant) -> None:
    issue_long_ago(client)

    record = shell.run("purge", "--dry-run", "--json").record

    assert record["dry_run"] is True
    assert record["rows"] >= 2
    assert record["is_all"] is True
    assert rows(tenant) == {"tokens": 1, "grants": 1}


def test_while_another_worker_purges_it_says_so(shell: Shell, tenant: Tenant, client: Client) -> None:
    issue_long_ago(client)
    with closing(purging.purge(tenant.server.authority, batch_rows=1)) as other:
        next(other)

        outcome = shell.run("purge", "--yes")

    assert outcome.code == 1
    assert "Another worker is purging already" in outcome.err
