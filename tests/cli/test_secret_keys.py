"""A shell without the store's secret key is refused, and nothing of the store is changed by it."""

from pathlib import Path

import pytest

from rescind import Rescind
from rescind.domain import readiness
from rescind.domain.authority import Authority
from rescind.domain.people import users
from rescind.domain.registry import clients, keys, tenants
from rescind.errors import SettingsError
from rescind.settings import Settings
from tests import stores
from tests.cli.shell import Shell
from tests.cli.test_terminal import at_terminal
from tests.embedding.hosts import configured, hosting
from tests.servers import free_port
from tests.store.apart import serving

OLD, NEW = "the-old-secret-key-0123456789", "the-new-secret-key-0123456789"
YOUNGER = (
    "rescind: No secret key is set, and the one in the instance folder was made later than what the store"
    " holds: set RESCIND_SECRET_KEY"
)
REFUSED = "rescind: The secret key is another than the store's: RESCIND_SECRET_KEY is "


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give a store in use: there are a client with a secret and a signing key."""
    url = stores.new_migrated_file(tmp_path / "rescind.sqlite3")
    with serving(url, tmp_path, secret_key=OLD) as server:
        tenant = tenants.create(server.authority, "bifrost")
        clients.create(server.authority, tenant, client_id="orders")
        keys.signing_key(server.authority, tenant.id)
        return server.authority


@pytest.fixture
def lost_shell(authority: Authority, tmp_path: Path) -> Shell:
    """Give a shell that has the URL of the store, and not its secret key; it makes one for itself."""
    return Shell(
        {
            "RESCIND_DATABASE_URL": str(authority.store.url),
            "RESCIND_INSTANCE_PATH": str(tmp_path / "elsewhere"),
        }
    )


@pytest.mark.parametrize(
    "command",
    [
        ["keys", "rotate", "--tenant", "bifrost"],
        ["client", "rotate-secret", "orders", "--tenant", "bifrost", "--yes"],
        ["client", "create", "--tenant", "bifrost"],
        ["deliver", "--once"],
        ["db", "upgrade"],
        ["db", "check"],
        ["serve", "--bind", f"127.0.0.1:{free_port()}"],
    ],
    ids=["rotate", "rotate-secret", "create", "deliver", "upgrade", "check", "serve"],
)
def test_a_command_without_the_stores_key_is_refused_and_changes_nothing(
    lost_shell: Shell, authority: Authority, command: list[str]
) -> None:
    tenant = tenants.get(authority, "bifrost")
    before = list(clients.list_all(authority, tenant)), keys.public_jwks(authority, tenant.id)

    outcome = lost_shell.run(*command)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.said.startswith(f"{REFUSED}not set here.")
    assert outcome.said.count("\n") == 1
    assert (list(clients.list_all(authority, tenant)), keys.public_jwks(authority, tenant.id)) == before
    assert before[0]


def as_of_the_version_before(authority: Authority, *, seconds_ago: int) -> None:
    """Have nothing in the store that tells of its key, but a client that was registered some time ago."""
    with authority.store.opened(is_writing=True) as connection:
        for statement in (
            "DELETE FROM secret_keys",
            "DELETE FROM signing_keys",
            "UPDATE clients SET secret_digest = substr(secret_digest, 1, 32)",
            f"UPDATE clients SET created_at = created_at - {seconds_ago}",
        ):
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("command", [["db", "upgrade"], ["tenant", "list"]], ids=" ".join)
def test_a_key_that_a_shell_has_just_made_is_not_taken_for_that_of_older_clients(
    lost_shell: Shell, authority: Authority, command: list[str]
) -> None:
    as_of_the_version_before(authority, seconds_ago=60)

    outcomes = [lost_shell.run(*command) for _ in range(2)]
    with_the_key = Shell({**lost_shell.settings, "RESCIND_SECRET_KEY": OLD}).run(*command)

    assert [(each.code, each.out) for each in outcomes] == [(2, "")] * 2
    assert all(each.said.startswith(YOUNGER) for each in outcomes)
    assert with_the_key.code == 0, with_the_key.err
    assert lost_shell.run(*command).said.startswith(REFUSED)


def test_a_server_that_has_always_run_with_the_key_of_its_folder_goes_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'development.sqlite3'}"
    shell = Shell({"RESCIND_DATABASE_URL": url, "RESCIND_INSTANCE_PATH": str(tmp_path / "instance")})
    made = [
        shell.run(*command).code
        for command in (
            ["db", "upgrade"],
            ["tenant", "create", "bifrost"],
            ["client", "create", "--tenant", "bifrost"],
        )
    ]
    settings = Settings(database_url=url, secret_key=(OLD,))
    as_of_the_version_before(Authority.open(settings), seconds_ago=0)

    upgraded = shell.run("db", "upgrade")

    assert made == [0, 0, 0]
    assert upgraded.code == 0, upgraded.err


@pytest.fixture
def new_shell(lost_shell: Shell) -> Shell:
    """Give a shell in which a new secret key is set."""
    return Shell({**lost_shell.settings, "RESCIND_SECRET_KEY": NEW})


@pytest.mark.parametrize("held", ["a client", "a user"])
def test_a_key_that_nobody_has_set_does_not_take_a_store_that_is_used(
    lost_shell: Shell, authority: Authority, held: str
) -> None:
    if held == "a user":
        tenant = tenants.get(authority, "bifrost")
        users.create(authority, tenant, "kim")
        clients.delete(authority, tenant, "orders", actor="operator:test")

    outcome = lost_shell.run("db", "upgrade", "--new-key", "--yes")

    assert outcome.code == 2
    assert outcome.said.startswith("rescind: RESCIND_SECRET_KEY is not set here, and the store holds")
    assert Shell({**lost_shell.settings, "RESCIND_SECRET_KEY": OLD}).run("tenant", "list").code == 0


def test_it_is_asked_before_the_servers_are_shut_out(new_shell: Shell, authority: Authority) -> None:
    code, said = at_terminal(new_shell, "db", "upgrade", "--new-key", typed="n\n")

    assert code == 1
    assert said.startswith(f"The store is {authority.store.address}, the public URL http://127.0.0.1:8000.\n")
    assert said.endswith("rescind: Nothing was changed.\n")
    assert Shell({**new_shell.settings, "RESCIND_SECRET_KEY": OLD}).run("tenant", "list").code == 0
    assert at_terminal(new_shell, "db", "upgrade", "--new-key", "--yes")[0] == 0


def test_a_worker_that_runs_finds_out_that_its_key_was_replaced(
    new_shell: Shell, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = str(authority.store.url)
    with serving(url, tmp_path, secret_key=OLD) as server, server.http() as http:
        before = http.get("/readyz").status_code
        new_shell.run("db", "upgrade", "--new-key")
        within_a_minute = http.get("/readyz").status_code
        monkeypatch.setattr(readiness, "LOOK_AGAIN_SECONDS", 0)

        after = http.get("/readyz")

        assert (before, within_a_minute, after.status_code) == (200, 200, 503)
        assert after.json()["kind"] == "another secret key"
        Shell({**new_shell.settings, "RESCIND_SECRET_KEY": OLD}).run("db", "upgrade", "--new-key")
        assert http.get("/readyz").status_code == 200


def test_a_key_that_is_lost_is_replaced_when_that_is_said(new_shell: Shell, authority: Authority) -> None:
    replaced = new_shell.run("db", "upgrade", "--new-key")

    after = new_shell.run("keys", "check", "--json")
    assert replaced.code == 0
    assert "The store knows this secret key alone now." in replaced.err
    assert after.code == 1
    assert '"kind": "client", "id": "orders"' in after.out
    assert new_shell.run("keys", "rotate", "--tenant", "bifrost").code == 0
    with pytest.raises(SettingsError), serving(str(authority.store.url), Path("instance"), secret_key=OLD):
        pass


def test_keys_check_with_nothing_left_shuts_the_older_key_out(
    lost_shell: Shell, authority: Authority
) -> None:
    shells = [Shell({**lost_shell.settings, "RESCIND_SECRET_KEY": key}) for key in (OLD, f"{NEW},{OLD}", NEW)]
    shells[1].run("client", "rotate-secret", "orders", "--tenant", "bifrost", "--yes")
    between = shells[0].run("tenant", "list").code

    checked = shells[1].run("keys", "check").code

    assert (between, checked) == (0, 0)
    assert [shell.run("tenant", "list").code for shell in shells] == [2, 0, 0]


def test_an_application_that_has_mounted_it_says_so_and_answers_503(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = {"RESCIND_DATABASE_URL": str(authority.store.url), "RESCIND_SECRET_KEY": NEW}
    with hosting(tmp_path, {**config, "SQLALCHEMY_DATABASE_URI": "sqlite:///host.sqlite3"}) as host:
        form = {"client_id": "orders", "client_secret": "s" * 32, "grant_type": "client_credentials"}

        reply = host.app.test_client().post("/t/bifrost/oauth2/token", data=form)

        assert reply.status_code == 503
        assert reply.headers["Retry-After"]
        assert "run flask --app <yours> rescind db upgrade --new-key" in caplog.text
        with pytest.raises(SettingsError, match="another than the store's"):
            host.rescind.upgrade()


def test_a_server_whose_store_comes_later_finds_out_then(tmp_path: Path, authority: Authority) -> None:
    path = Path(str(authority.store.url.database))
    late = tmp_path / "late.sqlite3"
    with serving(f"sqlite:///{late}", tmp_path, secret_key=NEW) as server, server.http() as http:
        before = http.get("/readyz").json()["detail"]
        server.authority.store.dispose()
        for left in tmp_path.glob("late.sqlite3*"):
            left.unlink()
        late.write_bytes(path.read_bytes())

        replies = http.get("/readyz"), http.get("/t/bifrost/oauth2/jwks")

    assert "not migrated" in before
    assert (
        replies[0].json()["detail"] == "The store can't be used until this is changed (another secret key)."
    )
    assert [reply.status_code for reply in replies] == [503, 503]


def test_what_is_mounted_and_made_first_is_the_stores(tmp_path: Path) -> None:
    app = configured(tmp_path, {"RESCIND_SECRET_KEY": OLD})
    mounted = Rescind(app)
    mounted.upgrade()
    mounted.authority.store.dispose()

    settings = Settings(database_url=str(mounted.authority.store.url), secret_key=(NEW,))
    assert (
        Shell({"RESCIND_DATABASE_URL": str(settings.database_url), "RESCIND_SECRET_KEY": NEW})
        .run("tenant", "list")
        .err.startswith(f"{REFUSED}set to another here. Set it as the store's servers have it. Only where")
    )
