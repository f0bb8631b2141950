"""`rescind client` and `rescind tenant`: how refresh tokens are handled."""

import pytest

from tests.cli.shell import Shell, on_sqlite
from tests.servers import Tenant

NOTHING = {"refresh_grace_seconds": None, "on_reuse": None, "rotation": None}


def refreshing(record: dict[str, object]) -> dict[str, object]:
    """Give what a command says of refresh tokens."""
    return {name: record[name] for name in NOTHING}


@on_sqlite
def test_it_is_set_and_taken_away(shell: Shell, tenant: Tenant) -> None:
    at = ("--tenant", tenant.name, "--json")
    options = ["--refresh-grace", "600", "--on-reuse", "refuse", "--rotation", "on"]
    defaults = ["--refresh-grace", "default", "--on-reuse", "default", "--rotation", "default"]

    shell.run("client", "create", "--client-id", "agent", *options, *at)
    created = shell.run("client", "show", "agent", *at).record
    changed = shell.run("client", "update", "agent", "--refresh-grace", "0", *at).record
    taken_away = shell.run("client", "update", "agent", *defaults, *at).record
    of_tenant = shell.run("tenant", "update", tenant.name, *options[:4], "--rotation", "off", "--json").record
    of_tenant_again = shell.run("tenant", "update", tenant.name, *defaults, "--json").record

    all_set = {"refresh_grace_seconds": 600, "on_reuse": "refuse", "rotation": "on"}
    assert refreshing(created) == all_set
    assert refreshing(changed) == {**all_set, "refresh_grace_seconds": 0}
    assert refreshing(of_tenant) == {**all_set, "rotation": "off"}
    assert refreshing(taken_away) == refreshing(of_tenant_again) == NOTHING


@on_sqlite
@pytest.mark.parametrize(("command", "grace"), [("client", "1801"), ("tenant", "ten")])
def test_what_is_no_grace_is_refused(shell: Shell, tenant: Tenant, command: str, grace: str) -> None:
    what = {"client": ["create", "--tenant", tenant.name], "tenant": ["update", tenant.name]}[command]

    outcome = shell.run(command, *what, f"--refresh-grace={grace}")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "rescind: A refresh grace is 0 to 1800 seconds, or default.\n"
