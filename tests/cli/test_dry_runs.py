"""`--dry-run` changes nothing, with `--yes` neither: every command that has it, and every row of a tenant."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from rescind.domain import clock
from rescind.domain.registry import tenants
from rescind.domain.tokens.issuing import IssuedTokens
from rescind.store import tables
from tests.cli.shell import Shell, on_sqlite
from tests.cli.test_exit_codes import COMMANDS, options
from tests.domain.people.signing_in import new_user
from tests.protocol.registering import initial_token
from tests.servers import Client, Tenant

YEAR_SECONDS = 366 * 86_400
# What each is called with, beside its tenant.
CALLS = {
    "client delete": "{client_id}",
    "client disable": "{client_id}",
    "client rotate-secret": "{client_id}",
    "keys rotate": "",
    "purge": "",
    "registration-token delete": "{registration_token}",
    "revoke access": "--subject alice --client {client_id}",
    "revoke client": "{client_id}",
    "revoke grant": "{grant_id}",
    "revoke session": "{sid}",
    "revoke subject": "alice",
    "revoke tenant": "",
    "revoke token": "{token}",
    "tenant delete": "{tenant}",
    "tenant disable": "{tenant}",
    "user delete": "alice",
    "user disable": "alice",
    "user set-password": "alice --password new-password-of-alice",
}
OF_ALL_TENANTS = {"purge", "tenant delete", "tenant disable"}
OF_CLOSED = {"tenant delete"}


@dataclass
class Used:
    """A tenant in use: there is something for each command to end."""

    tenant: Tenant
    client: Client
    issued: IssuedTokens
    sid: str
    registration_token: str

    def arguments(self, name: str) -> list[str]:
        """Give what is typed."""
        filled = CALLS[name].format(
            client_id=self.client.client_id,
            grant_id=self.issued.grant_id,
            sid=self.sid,
            registration_token=self.registration_token,
            tenant=self.tenant.name,
            token=self.issued.access_token,
        )
        named = [] if name in OF_ALL_TENANTS else ["--tenant", self.tenant.name]
        return [*name.split(), *filled.split(), *named, "--json"]

    def rows(self) -> list[Any]:
        """Read everything that is stored of the tenant."""
        with self.tenant.server.authority.store.opened() as tx:
            return [
                (table.name, *sorted(map(repr, tx.execute(select(table).where(_is_of(self.tenant, table))))))
                for table in tables.Base.metadata.sorted_tables
                if "tenant_id" in table.c or table is tables.tenants
            ]


def _is_of(tenant: Tenant, table: Any) -> Any:
    key = table.c.id if table is tables.tenants else table.c.tenant_id
    return key == tenant.record.id


@pytest.fixture
def used(tenant: Tenant, client: Client, cheap_hashes: None) -> Used:
    """Give a tenant in use."""
    new_user(tenant)
    clock.set(clock.now() - YEAR_SECONDS)
    client.issue("of long ago")
    clock.set(None)
    sid = tenant.new_session("alice")
    return Used(tenant, client, client.issue("alice", session_sid=sid), sid, initial_token(tenant))


def test_every_command_with_a_dry_run_is_tried_here() -> None:
    assert {name for name in COMMANDS if "--dry-run" in options(name)} == CALLS.keys()


@on_sqlite
@pytest.mark.parametrize("name", CALLS)
def test_a_dry_run_changes_nothing_also_for_who_is_sure(shell: Shell, used: Used, name: str) -> None:
    arguments, sure = used.arguments(name), ["--yes"] if "--yes" in options(name) else []
    if name in OF_CLOSED:
        tenants.disable(used.tenant.server.authority, used.tenant.name, actor="operator:test")
    before = used.rows()

    record = shell.run(*arguments, *sure, "--dry-run").record

    assert used.rows() == before
    assert record["dry_run"] is True
    # One that is closed answers nobody.
    assert name in OF_CLOSED or used.client.is_active(used.issued.access_token)
    # Without it the command finds something to change here.
    assert shell.run(*arguments, *sure).code == 0
    assert used.rows() != before
