"""What a setting may hold: URLs, keys and folders."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from rescind.settings import Settings
from tests.given_settings import KEY, OLDER_KEY, load, refusal


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
        "keys of 16 or more printable characters each, the one that makes first, with commas between."
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
        "RESCIND_SECRET_KEY must be one or more keys of 16 or more printable characters each, "
        "the one that makes first, with commas between."
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
        ("postgresql://u:p@/rescind?host=a:1&host=b:2&target_session_attrs=read-write", None),
        (
            "postgresql://u:p@a:1,b:2/rescind?target_session_attrs=read-write",
            "postgresql+psycopg://u:p@/rescind?host=a,b&port=1,2&target_session_attrs=read-write",
        ),
        ("postgres://a,[::1]:2/", "postgresql+psycopg:///?host=a,::1&port=,2"),
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
        pytest.param("postgresql://u:hunter2@one:1,two:x/rescind", id="two hosts, word for a port"),
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


@pytest.mark.parametrize("given", ["postgresql://u@a:1,[::1]:2/db", "postgresql://u@/db?host=a:1&host=b:2"])
def test_of_several_hosts_the_driver_gets_each_with_its_port(given: str) -> None:
    url = make_url(load(database_url=given).resolved_database_url)

    _, told = create_engine(url).dialect.create_connect_args(url)

    assert told["host"] in {"a,::1", "a,b"}
    assert (told["port"], told["dbname"], told["user"]) == ("1,2", "db", "u")


def test_hosts_are_names_in_one_way_each_with_a_port_that_is_not_the_usual_one() -> None:
    assert load(metadata_hosts="a.example,localhost:8443").metadata_hosts == ("a.example", "localhost:8443")
    assert load().metadata_hosts == ()


@pytest.mark.parametrize(
    "hosts",
    ["https://a.example", "A.example", "a.example:443", "a.example/x", "u@a.example", "*", "a b", "a:b"],
)
def test_what_is_no_host_of_a_document_is_refused(hosts: str) -> None:
    assert refusal(metadata_hosts=hosts).startswith("RESCIND_METADATA_HOSTS must be hosts in lower case")
