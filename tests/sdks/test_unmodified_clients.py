"""Clients as they are published, from the sign-in of a person to the sign-out, through the real pages."""

import shlex
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rescind.domain.registry import clients
from tests.cli.shell import Shell, on_sqlite
from tests.protocol.id_tokens import verified
from tests.sdks import people, wired
from tests.sdks.kinds import KINDS, Kind, Stage
from tests.sdks.running import Run
from tests.sdks.sdks import FOLDER, Given, SdkError
from tests.sdks.site import Site
from tests.servers import SECRET_KEY, Client, Tenant, error_of
from tests.wire import Wire

Running = Callable[[Kind], AbstractContextManager[Run]]
SPA = KINDS["@asgardeo/auth-spa"]
# Asked of the server from the SDK's page, as the SDK asks: with credentials.
ASK = """([address, form]) => fetch(address, {
    method: "POST", credentials: "include", body: new URLSearchParams(form),
}).then(async (reply) => [reply.status, (await reply.json()).error])"""
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
ON_ITS_STORES = [(name, store) for name, kind in KINDS.items() for store in kind.stores]
KEPT = ("iss", "sub", "aud", "auth_time")


@pytest.mark.requirement("REV-02")
@pytest.mark.requirement("REV-04")
@pytest.mark.requirement("REV-07")
@pytest.mark.requirement("COR-03")
@pytest.mark.requirement("COR-04")
@pytest.mark.requirement("OID-07")
@pytest.mark.requirement("LGO-04")
@pytest.mark.parametrize(
    ("kind", "store_url"),
    [(KINDS[name], store) for name, store in ON_ITS_STORES],
    indirect=["store_url"],
    ids=[f"{store}-{name}" for name, store in ON_ITS_STORES],
)
def test_a_person_signs_in_is_known_refreshes_revokes_and_signs_out(
    run: Running,
    kind: Kind,
    tenant: Tenant,
    resource_server: Client,
    page: Page,
    wire: Wire,
    figure: Callable[[str], None],
) -> None:
    account = page.context.new_page()
    account.goto(f"{wire.url}/t/{tenant.name}/account")
    with run(kind) as running:
        sdk = running.sdk
        sdk.sign_in()
        assert sdk.userinfo() == running.told
        sdk.refresh()
        first, second = wired.tokens_seen(wire)
        assert sdk.userinfo() == running.told
        assert all(sdk.introspect())
        assert resource_server.is_active(second["access_token"])

        running.revoke()

        assert not any(sdk.introspect())
        assert not resource_server.is_active(first["access_token"])
        assert not resource_server.is_active(second["access_token"])
        assert wired.userinfo_status(tenant, second["access_token"]) == 401
        assert error_of(running.refresh(second["refresh_token"])) == "invalid_grant"
        assert sdk.has_ended()
        assert wired.repeated(wire) == 200
        stolen = people.see_signed_in(account)

        sdk.sign_out()

        assert kind.state in running.site.arrivals[-1]
        people.see_signed_out(account, stolen)
    wired.check_challenges(wire)
    figure(f"{kind.title}: {wired.told(wire, tenant)}")
    assert claims(tenant, second, running) == claims(tenant, first, running)


def claims(tenant: Tenant, tokens: dict[str, str], running: Run) -> dict[str, object]:
    """Give what an ID token says of who signed in, when, and for whom; it says what userinfo does."""
    read = verified(tenant, tokens["id_token"]).claims
    assert running.told.items() <= read.items()
    return {name: read[name] for name in KEPT}


# On one store: the answer is spoiled on the wire, after the server has written what it writes on each store.
@on_sqlite
@pytest.mark.parametrize("spoil", [(204, None), (200, "text/html")], ids=["204", "text-html"])
@EVERY_KIND
def test_a_planted_answer_makes_the_run_fail(
    run: Running, kind: Kind, wire: Wire, spoil: tuple[int, str | None]
) -> None:
    status, media_type = spoil
    message = {204: kind.fails_at_204, 200: kind.fails_at_html}[status]

    with run(kind) as running:
        running.sdk.sign_in()
        with (
            wire.spoiling(wired.REVOKE, status, media_type),
            pytest.raises((SdkError, AssertionError), match=message),
        ):
            running.revoke()


@pytest.fixture
def given(tenant: Tenant, site: Site, store_url: str, tmp_path: Path) -> Given:
    """Register the client of the guide by the guide's own command."""
    base = tenant.issuer.removesuffix("/oauth2/token")
    given = Given(base, tenant.issuer, "spa", None, "none", site.address)
    command = (
        (FOLDER / "pages" / "asgardeo.sh").read_text().replace("\\\n", "").replace("bifrost", tenant.name)
    )
    _, *arguments = shlex.split(given.filled_in(command))
    settings = {
        "DATABASE_URL": store_url,
        "SECRET_KEY": SECRET_KEY,
        "INSTANCE_PATH": str(tmp_path / "instance"),
    }
    shell = Shell({f"RESCIND_{name}": value for name, value in settings.items()})
    assert shell.run(*arguments, "--json").record == {"client_id": "spa"}
    return given


@pytest.mark.requirement("OID-04")
def test_the_guides_client_signs_the_person_out_when_its_access_was_taken_back(
    given: Given, tenant: Tenant, resource_server: Client, site: Site, page: Page, wire: Wire, tmp_path: Path
) -> None:
    account = page.context.new_page()
    with SPA.open(Stage(page, site, wire, given, tmp_path)) as sdk:
        sdk.sign_in()
        tokens = wired.newest_tokens(wire)
        account.goto(f"{wire.url}/t/{tenant.name}/account")
        account.get_by_role("button", name="Remove access").click()
        expect(account.get_by_text("No app has access")).to_be_visible()
        stolen = people.see_signed_in(account)

        with page.expect_navigation(url=lambda address: "sign_out_success" in address):
            page.get_by_role("button", name="User info").click()

        people.see_signed_out(account, stolen)
        assert not resource_server.is_active(tokens["access_token"])
        assert [each.status for each in wire.seen("/oauth2/token")] == [200, 400]


@on_sqlite
@pytest.mark.requirement("REV-06")
def test_a_revocation_of_undefined_is_a_revocation_of_an_unknown_token(run: Running, wire: Wire) -> None:
    with run(KINDS["@asgardeo/auth-js"]) as running:
        running.sdk.sign_in()
        running.sdk.revoke()

        running.sdk.revoke()

        last = wire.seen(wired.REVOKE)[-1]
        assert last.form["token"] == "undefined"
        wired.check_answer(last, "application/json")


@on_sqlite
@pytest.mark.requirement("COR-02")
def test_from_an_origin_that_is_not_registered_the_sdk_gets_no_token(
    run: Running, tenant: Tenant, site: Site, wire: Wire
) -> None:
    with run(SPA) as running:
        registered = site.origin
        clients.update(tenant.server.authority, tenant.record, running.client.client_id, allowed_origins=[""])

        with pytest.raises(SdkError, match="Failed to fetch"):
            running.sdk.sign_in()

        (asked,) = wire.seen("/oauth2/token")
        assert asked.request_headers["origin"] == registered
        assert asked.header("Access-Control-Allow-Origin") is None


@on_sqlite
@pytest.mark.requirement("ERR-06")
def test_a_refused_client_is_told_so_at_once_where_credentials_are_included(
    run: Running, page: Page, tenant: Tenant, wire: Wire
) -> None:
    with run(SPA) as running:
        page.goto(running.site.address)

        answer = page.evaluate(
            ASK, [f"{wire.url}{tenant.path}/revoke", {"client_id": "nobody", "token": "x"}]
        )

        (asked,) = wire.seen(wired.REVOKE)
        assert answer == [401, "invalid_client"]
        assert str(asked.header("WWW-Authenticate")).startswith("Bearer ")
        wired.check_origin(asked, running.site.origin)
