"""`rescind keys rotate`."""

import pytest

from rescind.domain.registry import keys
from tests.cli.shell import Shell, on_sqlite
from tests.servers import Tenant


def kids(tenant: Tenant) -> list[str]:
    """Fetch the names of the published keys."""
    with tenant.server.http() as http:
        return [key["kid"] for key in http.get(f"{tenant.path}/jwks").json()["keys"]]


@pytest.mark.requirement("OID-08")
@on_sqlite
def test_rotate_publishes_a_new_key_and_says_when_it_signs(shell: Shell, tenant: Tenant) -> None:
    (old,) = kids(tenant)

    record = shell.run("keys", "rotate", "--tenant", tenant.name, "--json").record

    assert kids(tenant) == [old, record["kid"]]
    assert (record["tenant"], record["replaces"]) == (tenant.name, old)
    assert record["replaced_until"] - record["signs_from"] == 660


@pytest.mark.requirement("OID-08")
@on_sqlite
def test_rotate_is_refused_while_a_new_key_waits(shell: Shell, tenant: Tenant) -> None:
    kids(tenant)
    keys.rotate(tenant.server.authority, tenant.record)

    outcome = shell.run("keys", "rotate", "--tenant", tenant.name, "--json")

    assert (outcome.code, outcome.out) == (1, "")
    assert "does not sign yet" in outcome.err
    assert len(kids(tenant)) == 2


@pytest.mark.requirement("OID-08")
@on_sqlite
def test_a_dry_run_says_when_and_changes_nothing(shell: Shell, tenant: Tenant) -> None:
    (old,) = kids(tenant)

    record = shell.run("keys", "rotate", "--tenant", tenant.name, "--dry-run", "--json").record

    assert kids(tenant) == [old]
    assert (record["dry_run"], record["tenant"], record["replaces"]) == (True, tenant.name, old)
    assert record["replaced_until"] - record["signs_from"] == 660
