"""`rescind client`: registered, changed and shown."""

import pytest

from rescind.domain.registry import clients
from rescind.store import clients as client_rows
from tests.cli.shell import Shell, on_sqlite
from tests.servers import Client, Tenant

SECRET = "a secret: of +my% own/choice, long"


def as_client(tenant: Tenant, record: dict[str, str]) -> Client:
    """Give the client that a command has registered."""
    return Client(tenant, record["client_id"], record.get("client_secret"))


def test_create_registers_what_its_options_say_and_shows_the_secret_this_once(
    shell: Shell, tenant: Tenant
) -> None:
    options = [
        *("--client-id", "shop", "--name", "Zoë's [shop]", "--scope", "read write"),
        *("--grant-type", "client_credentials", "--auth-method", "client_secret_post"),
        *("--redirect-uri", "https://a.example/cb", "--redirect-uri", "https://b.example/cb"),
        *("--post-logout-redirect-uri", "https://a.example/bye"),
        *("--backchannel-logout-uri", "https://a.example/ended"),
        "--backchannel-logout-session-required",
        *("--allowed-origin", "https://a.example"),
        *("--revocation-scope", "token", "--resource-server"),
    ]

    outcome = shell.run("client", "create", "--tenant", tenant.name, *options, "--json")

    shown = shell.run("client", "show", "shop", "--tenant", tenant.name, "--json")
    assert outcome.record.keys() == {"client_id", "client_secret"}
    assert outcome.record["client_secret"] not in shown.out
    assert shown.record | {"created_at": 0} == {
        "client_id": "shop",
        "name": "Zoë's [shop]",
        "public": False,
        "auth_method": "client_secret_post",
        "grant_types": ["client_credentials"],
        "redirect_uris": ["https://a.example/cb", "https://b.example/cb"],
        "post_logout_redirect_uris": ["https://a.example/bye"],
        "backchannel_logout_uri": "https://a.example/ended",
        "backchannel_logout_session_required": True,
        "allowed_origins": ["https://a.example"],
        "scope": "read write",
        "revocation_scope": "token",
        "resource_server": True,
        "resources": [],
        "has_keys": False,
        "refresh_grace_seconds": None,
        "on_reuse": None,
        "rotation": None,
        "unverified": False,
        "logo_url": None,
        "home_url": None,
        "created_at": 0,
        "disabled_at": None,
    }


def test_create_makes_a_secret_that_authenticates(shell: Shell, tenant: Tenant) -> None:
    record = shell.run("client", "create", "--tenant", tenant.name, "--json").record

    assert record["client_secret"].startswith("rcs_")
    assert as_client(tenant, record).access_token()


@on_sqlite
def test_create_reads_a_secret_from_standard_input(shell: Shell, tenant: Tenant) -> None:
    arguments = ["client", "create", "--tenant", tenant.name, "--client-id", "own", "--secret", "-", "--json"]

    outcome = shell.run(*arguments, stdin=f"{SECRET}\n".encode())

    assert outcome.code == 0
    assert Client(tenant, "own", SECRET).access_token()


def test_create_makes_a_public_client_without_a_secret(shell: Shell, tenant: Tenant) -> None:
    record = shell.run("client", "create", "--tenant", tenant.name, "--public", "--json").record

    token = as_client(tenant, record).issue().access_token
    assert record.keys() == {"client_id"}
    assert tenant.new_client(is_resource_server=True).is_active(token)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--redirect-uri", "/relative"],
            "A redirect URI is absolute, without spaces, backslashes or a fragment.",
        ),
        (["--public", "--resource-server"], "A resource server authenticates itself"),
        (["--client-id", "two words"], "A client id is 1 to 255 printable ASCII characters without"),
        (["--secret", "s" * 31], "A client secret is 32 or more printable ASCII characters"),
    ],
    ids=["redirect URI", "what does not go together", "client id", "secret"],
)
@on_sqlite
def test_create_refuses_in_one_line_and_registers_nothing(
    shell: Shell, tenant: Tenant, options: list[str], sentence: str
) -> None:
    outcome = shell.run("client", "create", "--tenant", tenant.name, *options, "--json")

    known = list(clients.list_all(tenant.server.authority, tenant.record))
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"rescind: {sentence}")
    assert outcome.err.count("\n") == 1
    assert not known


def test_update_changes_what_is_given_and_leaves_the_rest(shell: Shell, tenant: Tenant) -> None:
    client = tenant.new_client(name="Shop", scope="read write", redirect_uris=["https://a.example/cb"])
    options = ["--scope", "read", "--redirect-uri", "https://b.example/cb", "--resource-server"]

    record = shell.run(
        "client", "update", client.client_id, "--tenant", tenant.name, *options, "--json"
    ).record

    assert (record["name"], record["scope"]) == ("Shop", "read")
    assert record["redirect_uris"] == ["https://b.example/cb"]
    assert record["resource_server"] is True
    assert client.post("token", grant_type="client_credentials").json()["scope"] == "read"


@on_sqlite
def test_update_empties_a_list_and_unpins_the_method(shell: Shell, tenant: Tenant) -> None:
    client = tenant.new_client(auth_method="client_secret_basic", redirect_uris=["https://a.example/cb"])
    options = ["--redirect-uri", "", "--auth-method", "any"]

    record = shell.run(
        "client", "update", client.client_id, "--tenant", tenant.name, *options, "--json"
    ).record

    assert (record["redirect_uris"], record["auth_method"]) == ([], None)


@on_sqlite
def test_list_shows_whole_ids_and_takes_no_name_for_markup(shell: Shell, tenant: Tenant) -> None:
    long_id = "c" * 200
    tenant.new_client(client_id=long_id, name="[red]Shop[/red]")

    outcome = shell.run("client", "list", "--tenant", tenant.name)

    assert outcome.code == 0
    assert long_id in outcome.out
    assert "[red]Shop[/red]" in outcome.out


@pytest.mark.parametrize(
    ("options", "is_noted"),
    [
        (["--grant-type", "authorization_code"], True),
        (["--public"], True),
        (["--grant-type", "refresh_token"], True),
        (["--public", "--redirect-uri", "https://a.example/cb"], False),
        ([], False),
    ],
    ids=["asked for", "public", "refresh alone", "with a redirect URI", "by default"],
)
@on_sqlite
def test_create_notes_a_client_that_can_get_no_code(
    shell: Shell, tenant: Tenant, options: list[str], is_noted: bool
) -> None:
    outcome = shell.run("client", "create", "--tenant", tenant.name, *options, "--json")

    assert outcome.record["client_id"]
    assert (
        "can get no code until it has a --redirect-uri; rescind token issue needs none." in outcome.err
    ) is is_noted


@on_sqlite
def test_a_secret_of_before_that_is_short_works_on(tenant: Tenant) -> None:
    client = tenant.new_client()
    authority = tenant.server.authority
    short = authority.keyring.secret_digest("a")
    authority.store.transact(
        lambda tx: client_rows.change(tx, tenant.record.id, client.client_id, {"secret_digest": short})
    )

    assert Client(tenant, client.client_id, "a").access_token()


@on_sqlite
def test_show_tells_which_addresses_of_before_are_not_used_any_more(shell: Shell, tenant: Tenant) -> None:
    client = tenant.new_client(redirect_uris=["https://a.example/cb"])
    values = {"redirect_uris": ("notes:/cb", "https://a.example/cb"), "backchannel_logout_uri": "http://a/"}
    authority = tenant.server.authority
    authority.store.transact(lambda tx: client_rows.change(tx, tenant.record.id, client.client_id, values))

    outcome = shell.run("client", "show", client.client_id, "--tenant", tenant.name, "--json")

    assert outcome.record["redirect_uris"] == ["notes:/cb", "https://a.example/cb"]
    assert [line.split(": ")[0] for line in outcome.err.splitlines()] == [
        "Nobody is sent to notes:/cb",
        "Nobody is sent to http://a/",
    ]
