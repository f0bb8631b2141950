"""Settings: where they come from, what is refused, and the table of the manual."""

from dataclasses import FrozenInstanceError, fields

import pytest

from rescind.errors import SettingsError
from rescind.settings import Settings, settings_table
from tests.documents import MANUAL
from tests.given_settings import KEY, OLDER_KEY, load, refusal


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


def test_the_manual_holds_the_table_of_all_options() -> None:
    page = MANUAL["settings"].text

    assert f"<!-- settings -->\n{settings_table()}\n<!-- /settings -->" in page


def test_the_table_has_a_row_for_each_option_with_its_meaning() -> None:
    rows = [row.strip("| ").split(" | ") for row in settings_table().splitlines()[2:]]

    assert [row[0] for row in rows] == [f"`RESCIND_{option.name.upper()}`" for option in fields(Settings)]
    assert all(row[-1].endswith(".") for row in rows)
    assert "| `RESCIND_REFRESH_GRACE_SECONDS` | `10` | seconds | 0 to 60 | " in settings_table()


LINKS = {
    "RESCIND_SERVICE_HOST": "10.0.0.7",
    "RESCIND_SERVICE_PORT": "8000",
    "RESCIND_SERVICE_PORT_HTTP": "8000",
    "RESCIND_PORT": "tcp://10.0.0.7:8000",
    "RESCIND_PORT_8000_TCP": "tcp://10.0.0.7:8000",
    "RESCIND_PORT_8000_TCP_PROTO": "tcp",
    "RESCIND_PORT_8000_TCP_PORT": "8000",
    "RESCIND_PORT_8000_TCP_ADDR": "10.0.0.7",
    "RESCIND_DATABASE_SERVICE_HOST": "10.0.0.8",
    "RESCIND_DATABASE_SERVICE_PORT": "5432",
    "RESCIND_DATABASE_PORT": "tcp://10.0.0.8:5432",
    "RESCIND_DATABASE_PORT_5432_TCP_ADDR": "10.0.0.8",
    "RESCIND_SERVICE_SERVICE_HOST": "10.0.0.9",
    "RESCIND_SERVICE_PORT_9000_UDP": "udp://10.0.0.9:9000",
}


def test_what_kubernetes_says_of_services_is_passed_over() -> None:
    assert load({**LINKS, "RESCIND_AUDIT_DAYS": "30"}) == load({"RESCIND_AUDIT_DAYS": "30"})


@pytest.mark.parametrize(
    "given",
    [{"RESCIND_PORT": "8000"}, {**LINKS, "RESCIND_AUDIT_DAY": "30"}, {**LINKS, "RESCIND_POOL_PORT": "1"}],
    ids=["no service", "misspelt beside one", "of another name"],
)
def test_what_only_looks_like_it_is_still_no_setting(given: dict[str, str]) -> None:
    try:
        said = str(load(given))
    except SettingsError as error:
        said = str(error)

    assert "is no setting of Rescind" in said
