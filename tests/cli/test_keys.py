"""`rescind keys`."""

from pathlib import Path

import pytest

from rescind.domain.registry import keys
from tests import stores
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


@on_sqlite
def test_list_shows_what_each_key_does(shell: Shell, tenant: Tenant) -> None:
    (old,) = kids(tenant)
    new = keys.rotate(tenant.server.authority, tenant.record)

    records = shell.run("keys", "list", "--tenant", tenant.name, "--json").records

    assert [(each["kid"], each["algorithm"], each["state"]) for each in records] == [
        (old, "RS256", "signs"),
        (new.kid, "RS256", "waits"),
    ]
    assert records[1]["signs_from"] == new.signs_from
    assert [each["published_until"] for each in records] == [new.replaced_until, None]
    assert not any("private" in name for name in records[0])


def shell_with(folder: Path, secret_key: str) -> Shell:
    """Give a shell on the store in a folder, with these secret keys."""
    url = f"sqlite:///{folder}/keys.sqlite3"
    return Shell(
        {
            "RESCIND_DATABASE_URL": url,
            "RESCIND_SECRET_KEY": secret_key,
            "RESCIND_INSTANCE_PATH": str(folder),
        }
    )


def test_check_exits_with_1_and_names_the_client_until_nothing_needs_an_older_key(tmp_path: Path) -> None:
    stores.new_migrated_file(tmp_path / "keys.sqlite3")
    old, new = "the-old-secret-key-0123456789", "the-new-secret-key-0123456789"
    before, both = shell_with(tmp_path, old), shell_with(tmp_path, f"{new},{old}")
    before.run("tenant", "create", "bifrost")
    before.run("client", "create", "--tenant", "bifrost", "--client-id", "orders")
    before.run("keys", "rotate", "--tenant", "bifrost")

    first = both.run("keys", "check", "--json")
    both.run("client", "rotate-secret", "orders", "--tenant", "bifrost", "--yes")
    second = both.run("keys", "check")

    assert first.code == 1
    assert '"tenant": "bifrost", "kind": "client", "id": "orders"' in first.out
    assert "encrypted again, under the first secret key: 1." in first.err
    assert second.code == 0
    assert second.err == "Nothing needs an older secret key.\n"
    settled = {"needs_older_key": False, "encrypted_again": 0}
    assert shell_with(tmp_path, new).run("keys", "check", "--json").record == settled
    assert shell_with(tmp_path, old).run("keys", "check").code == 2
