"""The settings: where they come from, what is refused and how, and the secret key of development."""

import os
import stat
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from rescind.errors import SettingsError
from rescind.secret_key import ensure_secret_key
from rescind.settings import Settings, settings_table

KEY = "a-key-of-enough-characters"
OLDER_KEY = "the-key-before-that-one"

# Each line that comes in names an instance folder to start in; the answer is the key of this process then.
STARTER = """
import sys
from rescind.secret_key import ensure_secret_key
from rescind.settings import Settings

for line in sys.stdin:
    settings = Settings.load({}, instance_path=line.rstrip("\\n"))
    print(ensure_secret_key(settings).secret_key[0], flush=True)
"""


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


def load(environ: dict[str, str] | None = None, /, **config: object) -> Settings:
    """Load settings from this environment and from options by their short names, as Flask would hold them."""
    named = {f"RESCIND_{name.upper()}": value for name, value in config.items()}
    return Settings.load(environ or {}, named, instance_path="/srv/rescind")


def refusal(environ: dict[str, str] | None = None, /, **config: object) -> str:
    """Load what has to be refused and return the sentence."""
    with pytest.raises(SettingsError) as caught:
        load(environ, **config)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def in_other_processes(count: int, instances: list[Path]) -> list[set[str]]:
    """Start in each folder from as many processes at once, and return the keys that they ended with."""
    source = str(Path(sys.modules[Settings.__module__].__file__ or "").parents[1])
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", STARTER],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    bufsize=1,
                    env={**os.environ, "PYTHONPATH": source},
                )
            )
            for _ in range(count)
        ]
        return [race(processes, instance) for instance in instances]


def race(processes: list[subprocess.Popen[str]], instance: Path) -> set[str]:
    for process in processes:
        assert process.stdin
        process.stdin.write(f"{instance}\n")
    return {process.stdout.readline().strip() for process in processes if process.stdout}


def test_nothing_given_is_development_on_sqlite_in_the_instance_folder() -> None:
    settings = load()

    assert settings.public_url == "http://127.0.0.1:8000"
    assert not settings.is_production
    assert settings.secret_key == ()
    assert settings.resolved_database_url == "sqlite:////srv/rescind/rescind.sqlite3"
    assert settings.access_token_seconds == 600
    assert settings.refresh_token_seconds == 2_592_000
    assert settings.refresh_grace_seconds == 10
    assert settings.audit_days == 365
    assert settings.pool_size == 8


def test_the_environment_sets_every_option() -> None:
    settings = load(
        {
            "RESCIND_DATABASE_URL": "postgresql://rescind@db/rescind",
            "RESCIND_PUBLIC_URL": "https://auth.example.com",
            "RESCIND_SECRET_KEY": f"{KEY}, {OLDER_KEY}",
            "RESCIND_INSTANCE_PATH": "/var/lib/rescind",
            "RESCIND_ACCESS_TOKEN_SECONDS": "60",
            "RESCIND_REFRESH_TOKEN_SECONDS": "86400",
            "RESCIND_REFRESH_GRACE_SECONDS": "0",
            "RESCIND_AUDIT_DAYS": "30",
            "RESCIND_POOL_SIZE": "16",
        }
    )

    assert settings == Settings(
        database_url="postgresql://rescind@db/rescind",
        public_url="https://auth.example.com",
        secret_key=(KEY, OLDER_KEY),
        instance_path="/var/lib/rescind",
        access_token_seconds=60,
        refresh_token_seconds=86_400,
        refresh_grace_seconds=0,
        audit_days=30,
        pool_size=16,
    )


def test_the_flask_configuration_wins_over_the_environment() -> None:
    settings = load({"RESCIND_POOL_SIZE": "16", "RESCIND_AUDIT_DAYS": "30"}, pool_size=4)

    assert settings.pool_size == 4
    assert settings.audit_days == 30


def test_keys_of_others_are_left_alone() -> None:
    settings = Settings.load(
        {"PATH": "/bin", "RESCINDED": "1"},
        {"SECRET_KEY": None, "TESTING": True},
        instance_path="/srv/rescind",
    )

    assert settings == load()


def test_settings_cannot_be_changed() -> None:
    settings = load()

    with pytest.raises(FrozenInstanceError):
        settings.pool_size = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("environ", id="environment"),
        pytest.param("config", id="flask"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_name(where: str) -> None:
    sources: dict[str, dict[str, str]] = {"environ": {}, "config": {}}
    sources[where]["RESCIND_ACCES_TOKEN_SECONDS"] = "60"

    with pytest.raises(SettingsError) as caught:
        Settings.load(sources["environ"], sources["config"], instance_path="/srv/rescind")

    assert str(caught.value) == (
        "RESCIND_ACCES_TOKEN_SECONDS is no setting of Rescind; did you mean RESCIND_ACCESS_TOKEN_SECONDS?"
    )


def test_an_unknown_key_like_no_other_is_refused_with_all_names() -> None:
    sentence = refusal({"RESCIND_ZZZZ": "1"})

    assert sentence.startswith("RESCIND_ZZZZ is no setting of Rescind; there are RESCIND_DATABASE_URL, ")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "least", "greatest", "unit"),
    [
        ("access_token_seconds", 1, 86_400, "seconds"),
        ("refresh_token_seconds", 60, 31_536_000, "seconds"),
        ("refresh_grace_seconds", 0, 60, "seconds"),
        ("audit_days", 1, 3_650, "days"),
        ("pool_size", 1, 200, "connections"),
    ],
)
def test_a_number_is_admitted_in_its_range_only(name: str, least: int, greatest: int, unit: str) -> None:
    settings = [load(**{name: least}), load(**{name: str(greatest)})]

    assert [getattr(each, name) for each in settings] == [least, greatest]
    assert refusal(**{name: least - 1}) == refusal(**{name: str(greatest + 1)})
    assert refusal(**{name: least - 1}) == (
        f"RESCIND_{name.upper()} must be a whole number of {unit} from {least} to {greatest}."
    )


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("ten", id="word"),
        pytest.param("5.0", id="fraction"),
        pytest.param("0x5", id="hexadecimal"),
        pytest.param("1_0", id="underscore"),
        pytest.param(" 5", id="space"),
        pytest.param("+5", id="sign"),
        pytest.param("\u0665", id="other digits"),
        pytest.param("5" * 5_000, id="more digits than Python reads"),
        pytest.param(5.0, id="float"),
        pytest.param(True, id="bool"),
        pytest.param(None, id="none"),
        pytest.param(b"5", id="bytes"),
    ],
)
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    assert refusal(pool_size=value) == (
        "RESCIND_POOL_SIZE must be a whole number of connections from 1 to 200."
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000",
        "http://127.0.0.1",
        "https://127.255.0.9:8443",
        "http://[::1]:8000",
        "http://127.0.0.1:8000/auth",
    ],
)
def test_a_loopback_host_is_development(url: str) -> None:
    settings = load(public_url=url)

    assert settings.public_url == url
    assert not settings.is_production


@pytest.mark.parametrize(
    "url",
    [
        "https://auth.example.com",
        "https://auth.example.com:8443/a/b.c",
        "https://auth_server",
        "https://192.0.2.7",
        "https://0.0.0.0",
        "https://[2001:db8::1]",
        "https://localhost.example.com",
        "https://127.0.0.1.example.com",
    ],
)
def test_any_other_host_is_production(url: str) -> None:
    settings = load(public_url=url, secret_key=KEY)

    assert settings.public_url == url
    assert settings.is_production


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("auth.example.com", id="no scheme"),
        pytest.param("//auth.example.com", id="relative scheme"),
        pytest.param("/auth", id="path"),
        pytest.param("ftp://auth.example.com", id="other scheme"),
        pytest.param("https://", id="no host"),
        pytest.param("https:///auth", id="path and no host"),
        pytest.param("https://auth.example.com/", id="slash at the end"),
        pytest.param("https://auth.example.com/auth/", id="slash after a path"),
        pytest.param("https://auth.example.com//auth", id="empty segment"),
        pytest.param("https://auth.example.com/../auth", id="dots"),
        pytest.param("https://auth.example.com/%61uth", id="percent"),
        pytest.param("https://auth.example.com?a=b", id="query"),
        pytest.param("https://auth.example.com?", id="empty query"),
        pytest.param("https://auth.example.com#a", id="fragment"),
        pytest.param("https://auth.example.com#", id="empty fragment"),
        pytest.param("https://alice:hunter2@auth.example.com", id="user"),
        pytest.param("https://@auth.example.com", id="empty user"),
        pytest.param("https://Auth.example.com", id="capitals"),
        pytest.param("HTTPS://auth.example.com", id="capitals in the scheme"),
        pytest.param("https://auth..example.com", id="empty label"),
        pytest.param("https://auth.example.com:", id="empty port"),
        pytest.param("https://auth.example.com:hunter2", id="word for a port"),
        pytest.param("https://auth.example.com:65536", id="port out of range"),
        pytest.param("https://[::1", id="open bracket"),
        pytest.param("https://[0:0::1]", id="address not in short form"),
        pytest.param("https://[fe80::1%25eth0]", id="address of one machine"),
        pytest.param("https://bücher.example", id="not ascii"),
        pytest.param(" https://auth.example.com", id="space before"),
        pytest.param("https://auth.example.com\n", id="newline"),
        pytest.param("https://auth.ex\tample.com", id="tab"),
        pytest.param(None, id="none"),
        pytest.param(8000, id="number"),
    ],
)
def test_a_public_url_of_another_form_is_refused(url: object) -> None:
    assert refusal(public_url=url, secret_key=KEY) == (
        "RESCIND_PUBLIC_URL must be an absolute URL such as https://auth.example.com: http or https, the "
        "host in lower case, no user, no query, no fragment and no slash at the end."
    )


def test_production_without_https_is_refused() -> None:
    assert refusal(public_url="http://auth.example.com", secret_key=KEY) == (
        "RESCIND_PUBLIC_URL must begin with https:// since its host is not loopback."
    )


def test_production_without_a_secret_key_is_refused() -> None:
    assert refusal(public_url="https://auth.example.com") == (
        "RESCIND_SECRET_KEY must be set since the host of RESCIND_PUBLIC_URL is not loopback: one or more "
        "keys of 16 or more printable characters each, newest first, with commas between."
    )


def test_the_issuer_is_under_the_public_url() -> None:
    settings = load(public_url="https://auth.example.com/eu", secret_key=KEY)

    assert settings.issuer("bifrost") == "https://auth.example.com/eu/t/bifrost/oauth2/token"


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        pytest.param(KEY, (KEY,), id="string"),
        pytest.param(f"{KEY},{OLDER_KEY}", (KEY, OLDER_KEY), id="string with a comma"),
        pytest.param([KEY, OLDER_KEY], (KEY, OLDER_KEY), id="list"),
        pytest.param((KEY,), (KEY,), id="tuple"),
        pytest.param(f" {KEY} ", (KEY,), id="spaces around"),
        pytest.param("k" * 16, ("k" * 16,), id="shortest"),
        pytest.param("clé-de-seize-caractères", ("clé-de-seize-caractères",), id="not ascii"),
        pytest.param([], (), id="empty list"),
    ],
)
def test_secret_keys_are_a_string_or_a_list(value: object, keys: tuple[str, ...]) -> None:
    assert load(secret_key=value).secret_key == keys


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("hunter2", id="short"),
        pytest.param("hunter2 " + " " * 16, id="short but for spaces"),
        pytest.param(f"{KEY},hunter2", id="second short"),
        pytest.param(f"{KEY},", id="comma at the end"),
        pytest.param([f"{KEY},hunter2"], id="comma in an item"),
        pytest.param([KEY, 7], id="number in the list"),
        pytest.param(KEY.encode(), id="bytes"),
        pytest.param({KEY}, id="set"),
        pytest.param("hunter2\0hunter2hunter2", id="nul"),
        pytest.param("hunter2\udcffhunter2hunter2", id="bytes that are no text"),
        pytest.param(None, id="none"),
    ],
)
def test_a_bad_secret_key_is_refused_and_not_repeated(value: object) -> None:
    sentence = refusal(secret_key=value)

    assert sentence == (
        "RESCIND_SECRET_KEY must be one or more keys of 16 or more printable characters each, newest first, "
        "with commas between."
    )


def test_the_repr_shows_no_secret() -> None:
    shown = repr(load(secret_key=KEY, database_url="postgresql://rescind:hunter2@db/rescind"))

    assert KEY not in shown
    assert "hunter2" not in shown
    assert "pool_size=8" in shown


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ("postgres://u:p@db/rescind", "postgresql+psycopg://u:p@db/rescind"),
        ("postgresql://u:p@db:5432/rescind?sslmode=require", None),
        ("postgresql+psycopg://u:p@db/rescind", "postgresql+psycopg://u:p@db/rescind"),
        ("postgresql://u:p#:/?[w@[::1]:5432/rescind", None),
        ("postgresql:///rescind?host=/run/postgresql", None),
        ("sqlite:////var/lib/tokens.db", "sqlite:////var/lib/tokens.db"),
        ("sqlite:///tokens.db", "sqlite:////srv/rescind/tokens.db"),
    ],
)
def test_a_database_url_names_driver_and_full_path(given: str, resolved: str | None) -> None:
    settings = load(database_url=given)

    assert settings.database_url == given
    assert settings.resolved_database_url == (resolved or given.replace("postgresql:", "postgresql+psycopg:"))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("rescind.sqlite3", id="no scheme"),
        pytest.param("mysql://u:hunter2@db/rescind", id="other database"),
        pytest.param("postgresql+psycopg2://u:hunter2@db/rescind", id="other driver"),
        pytest.param("postgresql://u:hunter2@db:port/rescind", id="word for a port"),
        pytest.param("postgresql://u:hunter2@one:1,two:2/rescind", id="two hosts"),
        pytest.param("postgresql://u:hunter2@db/res cind", id="space"),
        pytest.param("postgresql:u:hunter2@db", id="no slashes"),
        pytest.param("sqlite://", id="memory"),
        pytest.param("sqlite:///", id="memory by no path"),
        pytest.param("sqlite:///:memory:", id="memory by name"),
        pytest.param("sqlite:///%3Amemory%3A", id="memory by name, encoded"),
        pytest.param("sqlite:///file::memory:?uri=true", id="memory by URI"),
        pytest.param("sqlite:///file:x?mode=memory&cache=shared&uri=true", id="shared memory"),
        pytest.param("sqlite:///file:x", id="URI"),
        pytest.param("sqlite:////var/lib/", id="folder"),
        pytest.param("sqlite://hunter2/tokens.db", id="host"),
        pytest.param("sqlite:///tokens\0.db", id="nul"),
        pytest.param("sqlite:///tokens%00.db", id="nul, encoded"),
        pytest.param(7, id="number"),
    ],
)
def test_another_database_is_refused_and_no_password_repeated(url: object) -> None:
    sentence = refusal(database_url=url)

    assert sentence == (
        "RESCIND_DATABASE_URL must be the URL of a PostgreSQL database "
        "(postgresql://user:password@host/name) or of a SQLite file (sqlite:////path/of/file), "
        "and not of a database in memory."
    )


@pytest.mark.parametrize("given", [None, "sqlite:///rescind.sqlite3"], ids=["default", "relative"])
def test_sqlalchemy_opens_the_file_in_the_instance_folder(tmp_path: Path, given: str | None) -> None:
    folder = tmp_path / "100%25 odd? #name"
    folder.mkdir()
    settings = Settings.load({}, {"RESCIND_DATABASE_URL": given}, instance_path=str(folder))

    engine = create_engine(settings.resolved_database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE seen (id INTEGER)")
    engine.dispose()

    assert [file.name for file in folder.iterdir()] == ["rescind.sqlite3"]


def test_an_instance_folder_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    settings = [load(instance_path="data"), load(instance_path=Path("data"))]

    assert [each.instance_path for each in settings] == [str(tmp_path / "data")] * 2


@pytest.mark.parametrize(
    "value", ["", "a\0b", 7, b"/srv", None], ids=["empty", "nul", "number", "bytes", "none"]
)
def test_what_is_no_folder_is_refused(value: object) -> None:
    assert refusal(instance_path=value) == "RESCIND_INSTANCE_PATH must be the path of a folder."


def test_a_secret_key_that_is_set_makes_no_file(instance: Path) -> None:
    settings = Settings.load({"RESCIND_SECRET_KEY": KEY}, instance_path=str(instance))

    assert ensure_secret_key(settings) is settings
    assert not instance.exists()


def test_development_makes_a_key_that_only_its_owner_reads(
    instance: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings.load({}, instance_path=str(instance))

    first, second = ensure_secret_key(settings), ensure_secret_key(settings)

    assert first == second
    assert first.secret_key == ((instance / "secret_key").read_text().strip(),)
    assert len(first.secret_key[0]) == 43
    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    assert not caplog.messages
    assert [file.name for file in instance.iterdir()] == ["secret_key"]


def test_two_instances_have_two_keys(tmp_path: Path) -> None:
    one, other = (ensure_secret_key(Settings(instance_path=str(tmp_path / name))) for name in "ab")

    assert one.secret_key != other.secret_key


def test_a_key_that_others_could_read_is_closed_to_them(
    instance: Path, caplog: pytest.LogCaptureFixture
) -> None:
    instance.mkdir()
    file = instance / "secret_key"
    file.write_text(f"{KEY}\n")
    file.chmod(0o644)

    settings = ensure_secret_key(Settings(instance_path=str(instance)))

    assert settings.secret_key == (KEY,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert caplog.messages == [f"{file} could be read by others; now only its owner can"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n", id="newline"),
        pytest.param(b"hunter2\n", id="short"),
        pytest.param(b"\xff" * 32, id="no text"),
        pytest.param(b"hunter2-hunter2-,hunter2-hunter2-", id="comma"),
        pytest.param(b"hunter2-hunter2-\nhunter2-hunter2-\n", id="two lines"),
    ],
)
def test_a_file_that_holds_no_key_is_refused_and_left(instance: Path, content: bytes) -> None:
    instance.mkdir()
    (instance / "secret_key").write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        ensure_secret_key(Settings(instance_path=str(instance)))

    assert str(caught.value) == (
        f"{instance / 'secret_key'} holds no secret key: remove it, or set RESCIND_SECRET_KEY."
    )
    assert (instance / "secret_key").read_bytes() == content


def test_a_key_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError) as caught:
        ensure_secret_key(Settings(instance_path=str(tmp_path / "file" / "instance")))

    assert str(caught.value) == (
        f"The secret key of development can't be kept in {tmp_path / 'file' / 'instance' / 'secret_key'} "
        "(Not a directory): set RESCIND_SECRET_KEY."
    )


def test_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    instances = [tmp_path / str(number) for number in range(40)]

    keys = in_other_processes(4, instances)

    assert keys == [{(instance / "secret_key").read_text().strip()} for instance in instances]
    assert [len(list(instance.iterdir())) for instance in instances] == [1] * 40


def test_the_readme_holds_the_table_of_all_options() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")

    assert f"<!-- settings -->\n{settings_table()}\n<!-- /settings -->" in readme


def test_the_table_has_a_row_for_each_option_with_its_meaning() -> None:
    rows = [row.strip("| ").split(" | ") for row in settings_table().splitlines()[2:]]

    assert [row[0] for row in rows] == [f"`RESCIND_{option.name.upper()}`" for option in fields(Settings)]
    assert all(row[-1].endswith(".") for row in rows)
    assert "| `RESCIND_REFRESH_GRACE_SECONDS` | `10` | seconds | 0 to 60 | " in settings_table()
