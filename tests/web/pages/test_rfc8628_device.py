"""Device codes from beginning to end: asked for, typed, allowed or not, polled, and good once."""

from collections.abc import Iterator
from typing import Any

import pytest

from rescind.domain import clock
from rescind.domain.people import user_codes
from rescind.domain.registry import clients, suspending
from rescind.domain.registry.registration import DEVICE_CODE
from rescind.domain.revoking import access, revocation, selectors
from rescind.domain.revoking.causes import Cause
from tests.devices import allow, begin, new_device_client, poll
from tests.protocol.registering import Registered, open_to
from tests.servers import Client, Server, Tenant, error_of
from tests.web.pages.browser import PASSWORD, Browser, Page

NOW = 1_800_000_000
API, OTHER = "https://api.example/notes", "https://other.example/notes"
CAUSE = Cause("test", "operator:test")

SESSION_SECONDS = 28_800


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Let the clock stand where a test puts it, and go on afterwards."""
    clock.set(NOW)
    yield
    clock.set(None)


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a public client for devices."""
    return new_device_client(tenant, name="Notes on the TV", scope="openid notes offline_access")


def typed(browser: Browser, tenant: Tenant, code: str) -> Page:
    """Type a code into the page."""
    page = browser.open(f"/t/{tenant.name}/device")
    return browser.send(page.form("/device"), user_code=code)


def decide(browser: Browser, client: Client, device: dict[str, Any], decision: str = "allow") -> Page:
    """Type the code of a device, and say yes or no."""
    page = typed(browser, client.tenant, device["user_code"])
    return browser.send(page.form("/device/decision"), decision)


@pytest.mark.requirement("DEV-01")
@pytest.mark.requirement("DEV-02")
def test_3_a_device_waits_until_the_person_has_allowed_it_and_gets_its_tokens_once(
    alices: Browser, client: Client
) -> None:
    device = begin(client, scope="openid notes")
    first = poll(client, device)

    page = typed(alices, client.tenant, f" {device['user_code'].lower().replace('-', ' ')} ")
    done = alices.send(page.form("/device/decision"), "allow")
    issued = poll(client, device)
    tokens = issued.json()
    refreshed = client.refresh(tokens["refresh_token"])
    # It ends with the session in which it was allowed, hours from now and not in a month.
    assert tokens["authorization_expires_in"] <= SESSION_SECONDS
    again = poll(client, device)

    uri = f"{client.tenant.server.base_url}/t/{client.tenant.name}/device"
    assert (device["verification_uri"], device["expires_in"], device["interval"]) == (uri, 600, 5)
    assert device["verification_uri_complete"] == f"{uri}?user_code={device['user_code']}"
    assert error_of(first) == "authorization_pending"
    assert "Notes on the TV" in page.text
    assert device["user_code"] in page.text
    assert "Device connected" in done.text
    assert issued.status_code == refreshed.status_code == 200
    assert (tokens["scope"], "id_token" in tokens) == ("openid notes", True)
    # Good once: who shows it again ends what it gave.
    assert error_of(again) == "invalid_grant"
    asker = client.tenant.new_client(is_resource_server=True)
    assert not asker.is_active(refreshed.json()["access_token"])


@pytest.mark.requirement("DEV-02")
def test_3_5_who_asks_too_soon_is_slowed_down_and_later_it_is_too_late(client: Client) -> None:
    device, errors = begin(client), []
    for seconds in (0, 4, 14, 23, 600):
        clock.set(NOW + seconds)
        errors.append(error_of(poll(client, device)))

    assert errors == [
        "authorization_pending",
        "slow_down",
        "authorization_pending",
        # Ten seconds by now, since it was slowed down.
        "slow_down",
        "expired_token",
    ]


@pytest.mark.requirement("DEV-02")
def test_3_5_what_is_denied_gets_nothing_and_can_not_be_allowed_any_more(
    alices: Browser, client: Client
) -> None:
    device = begin(client)

    denied = decide(alices, client, device, "deny")
    again = typed(alices, client.tenant, device["user_code"])

    assert "Access denied" in denied.text
    assert error_of(poll(client, device)) == "access_denied"
    assert again.status == 400


@pytest.mark.requirement("DEV-03")
def test_5_1_nobody_guesses_a_code_within_its_life(
    alices: Browser, mallorys: Browser, client: Client, server: Server
) -> None:
    device = begin(client)
    most = server.authority.settings.sign_in_attempts
    guesses = (user_codes.new() for _ in range(most))

    statuses = [typed(alices, client.tenant, guess).status for guess in guesses]
    throttled = typed(alices, client.tenant, device["user_code"])

    assert statuses == [400] * most
    assert throttled.status == 429
    assert "Retry-After" in throttled.response.headers
    # Of somebody else nothing was counted but by the address.
    assert "Allow access?" in typed(mallorys, client.tenant, device["user_code"]).text


def test_who_begins_very_many_devices_is_held_back_and_may_go_on_with_those(
    client: Client, server: Server
) -> None:
    most = server.authority.settings.sign_in_attempts_per_address
    for _ in range(most):
        device = begin(client)

    throttled = client.post("device", scope="notes")

    assert (throttled.status_code, error_of(throttled)) == (429, "temporarily_unavailable")
    assert "Retry-After" in throttled.headers
    assert error_of(poll(client, device)) == "authorization_pending"


def test_who_is_not_signed_in_comes_back_to_the_code_that_was_in_the_address(
    browser: Browser, alice: str, client: Client
) -> None:
    device = begin(client)

    page = browser.open(device["verification_uri_complete"])
    page = browser.send(page.form("/sign-in"), username=alice, password=PASSWORD)

    assert page.form("/device").fields["user_code"] == device["user_code"]


@pytest.mark.parametrize("end", ["client", "subject", "session", "access"])
def test_what_is_revoked_while_a_device_waits_leaves_it_nothing(
    alices: Browser, client: Client, tenant: Tenant, end: str
) -> None:
    authority, device = tenant.server.authority, begin(client, scope="notes")
    if end == "client":
        selector: selectors.Selector = selectors.Client(tenant.name, client.client_id)
        revocation.revoke(authority, selector, CAUSE)
    decided = typed(alices, tenant, device["user_code"])
    if end == "client":
        assert decided.status == 400
    else:
        alices.send(decided.form("/device/decision"), "allow")
    if end == "subject":
        revocation.revoke(authority, selectors.Subject(tenant.name, "alice"), CAUSE)
    if end == "session":
        account = alices.open(f"/t/{tenant.name}/account")
        alices.send(account.form("/end-session"))
    if end == "access":
        access.disconnect(authority, tenant.record, "alice", client.client_id, CAUSE)

    assert error_of(poll(client, device)) in {"invalid_grant", "access_denied"}


def test_a_client_begins_only_where_it_is_registered_for_it_and_not_disabled(
    tenant: Tenant, client: Client
) -> None:
    device = begin(client)
    suspending.disable(tenant.server.authority, tenant.record, client.client_id, actor="test")

    replies = [
        tenant.new_client(scope="notes").post("device", scope="notes"),
        client.post("device"),
        poll(client, device),
    ]

    assert [error_of(each) for each in replies] == ["unauthorized_client"] * 3
    assert error_of(tenant.new_client(grant_types=[DEVICE_CODE]).post("device", scope="more")) == (
        "invalid_scope"
    )
    suspending.enable(tenant.server.authority, tenant.record, client.client_id, actor="test")
    assert error_of(poll(client, device)) == "authorization_pending"


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_nothing_is_decided_for_a_client_that_was_disabled_since_the_person_was_asked(
    alices: Browser, tenant: Tenant, client: Client, decision: str
) -> None:
    device, authority = begin(client), tenant.server.authority
    page = typed(alices, tenant, device["user_code"])
    suspending.disable(authority, tenant.record, client.client_id, actor="test")

    refused = alices.send(page.form("/device/decision"), decision)
    suspending.enable(authority, tenant.record, client.client_id, actor="test")

    assert refused.status == 400
    assert "stopped by whoever runs this server" in refused.text
    assert error_of(poll(client, device)) == "authorization_pending"


def test_people_are_told_what_it_is_for_and_that_nobody_has_verified_it(
    alices: Browser, tenant: Tenant
) -> None:
    tenant.new_client(is_resource_server=True, resources=[API])
    told = Registered.at(open_to(tenant, "open", open_scope="notes"), client_name="Ledger")
    clients.update(tenant.server.authority, tenant.record, told.client.client_id, grant_types=["device_code"])
    known = new_device_client(tenant)

    unverified = typed(alices, tenant, begin(told.client, resource=API)["user_code"])
    verified = typed(alices, tenant, begin(known)["user_code"])

    assert "Ledger" in unverified.text
    assert "Nobody here has verified this app." in unverified.text
    assert "the device in front of you" in unverified.text
    assert f"<code>{API}</code> only" in unverified.text
    assert "Nobody here has verified this app." not in verified.text
    assert " only.</p>" not in verified.text


def test_a_token_is_narrowed_to_what_is_asked_for_and_more_is_refused_and_uses_nothing_up(
    tenant: Tenant, client: Client
) -> None:
    asker = tenant.new_client(is_resource_server=True)
    tenant.new_client(is_resource_server=True, resources=[API, OTHER])
    device = begin(client, resource=API)
    allow(tenant, device)

    refused = poll(client, device, resource=OTHER)
    issued = poll(client, device, resource=API)

    both = begin(client, resource=[API, OTHER])
    allow(tenant, both)
    narrowed = poll(client, both, resource=OTHER).json()
    refreshed = client.refresh(narrowed["refresh_token"]).json()

    assert (refused.status_code, error_of(refused), issued.status_code) == (400, "invalid_target", 200)
    assert asker.introspect(narrowed["access_token"]).json()["aud"] == OTHER
    assert asker.introspect(refreshed["access_token"]).json()["aud"] == [API, OTHER]
