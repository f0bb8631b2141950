"""Personal access tokens: made by a person, shown once, active while they and the person are let be."""

import re
from collections.abc import Iterator

import pytest

from rescind.domain import clock
from rescind.domain.people import personal_tokens, users
from rescind.domain.registry import clients
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import Cause
from rescind.domain.tokens import active
from rescind.errors import Refused
from tests.domain.people.signing_in import new_user
from tests.servers import Client, Tenant, error_of
from tests.web.pages.browser import Browser, Page

NOW = 1_800_000_000
DAY_SECONDS = 86_400
OPERATOR = "operator:test"


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Let the clock stand where a test puts it, and go on afterwards."""
    clock.set(NOW)
    yield
    clock.set(None)


@pytest.fixture
def asker(tenant: Tenant) -> Client:
    """Turn personal tokens on, and give a client that may ask about every token."""
    authority = tenant.server.authority
    personal_tokens.turn_on(authority, tenant.record, actor=OPERATOR)
    clients.update(authority, tenant.record, personal_tokens.CLIENT_ID, scope="notes mail")
    return tenant.new_client(is_resource_server=True)


def make(browser: Browser, tenant: Tenant, **fields: str) -> Page:
    """Make one on the page."""
    page = browser.open(f"/t/{tenant.name}/account/tokens")
    filled = {"name": "Nightly backup", "days": "365", "scope_0": "notes", **fields}
    form = page.form("/account/tokens")
    return browser.post(form.action, {"form": form.fields["form"], **filled})


def shown(page: Page) -> str:
    """Give the token that a page shows."""
    (token,) = re.findall(r"rpt_[A-Za-z0-9_-]+", page.text)
    return str(token)


def test_one_is_shown_once_acts_within_its_scope_and_says_when_it_was_used(
    alices: Browser, tenant: Tenant, asker: Client
) -> None:
    token = shown(make(alices, tenant))

    said = asker.introspect(token).json()
    clock.set(NOW + 599)
    asker.introspect(token)
    page = alices.open(f"/t/{tenant.name}/account/tokens")
    (known,) = personal_tokens.list_of(tenant.server.authority, tenant.record, "alice")

    assert (said["sub"], said["scope"], said["exp"]) == ("alice", "notes", NOW + 365 * DAY_SECONDS)
    assert "Nightly backup" in page.text
    assert token not in page.text
    # Noted once in ten minutes.
    assert known.used_at == NOW
    clock.set(NOW + 600)
    asker.introspect(token)
    (known,) = personal_tokens.list_of(tenant.server.authority, tenant.record, "alice")
    assert known.used_at == NOW + 600


def _by_the_person(browser: Browser, tenant: Tenant, token: str) -> None:
    page = browser.open(f"/t/{tenant.name}/account/tokens")
    browser.send(page.form("/account/tokens/revoke"))


def _by_an_operator(browser: Browser, tenant: Tenant, token: str) -> None:
    revocation.revoke(tenant.server.authority, selectors.Token(tenant.name, token), Cause("test", OPERATOR))


def _by_disabling_the_person(browser: Browser, tenant: Tenant, token: str) -> None:
    users.disable(tenant.server.authority, tenant.record, "alice", actor=OPERATOR)


@pytest.mark.parametrize("end", [_by_the_person, _by_an_operator, _by_disabling_the_person])
def test_it_is_inactive_once_it_or_its_person_is_ended(
    alices: Browser, tenant: Tenant, asker: Client, cheap_hashes: None, end: object
) -> None:
    new_user(tenant)
    token = shown(make(alices, tenant))
    assert asker.is_active(token)

    end(alices, tenant, token)  # type: ignore[operator]

    assert not asker.is_active(token)
    assert personal_tokens.list_of(tenant.server.authority, tenant.record, "alice") == []


def test_turned_off_none_is_active_or_made_and_turned_on_again_they_go_on(
    alices: Browser, tenant: Tenant, asker: Client
) -> None:
    authority, token = tenant.server.authority, shown(make(alices, tenant))

    personal_tokens.turn_off(authority, tenant.record, actor=OPERATOR)
    inactive, gone = asker.is_active(token), alices.open(f"/t/{tenant.name}/account/tokens")
    account = alices.open(f"/t/{tenant.name}/account")
    personal_tokens.turn_on(authority, tenant.record, actor=OPERATOR)

    assert (inactive, gone.status) == (False, 404)
    assert "account/tokens" not in account.text
    assert asker.is_active(token)
    assert "account/tokens" in alices.open(f"/t/{tenant.name}/account").text


@pytest.mark.parametrize(
    "fields", [{"days": "366"}, {"days": "0"}, {"days": "x"}, {"scope_0": "admin"}, {"name": ""}], ids=str
)
def test_what_is_not_offered_is_not_made(
    alices: Browser, tenant: Tenant, asker: Client, fields: dict[str, str]
) -> None:
    page = make(alices, tenant, **fields)

    assert page.status == 400
    assert "rpt_" not in page.text
    assert personal_tokens.list_of(tenant.server.authority, tenant.record, "alice") == []


def test_nobody_authenticates_as_the_client_of_them(tenant: Tenant, asker: Client) -> None:
    authority, client_id = tenant.server.authority, personal_tokens.CLIENT_ID

    replies = [
        Client(tenant, client_id, secret).post("token", grant_type="client_credentials")
        for secret in (None, "", "None")
    ]

    assert [error_of(each) for each in replies] == ["invalid_client"] * 3
    with pytest.raises(Refused):
        clients.rotate_secret(authority, tenant.record, client_id)
    with pytest.raises(Refused):
        clients.update(authority, tenant.record, client_id, grant_types=["client_credentials"])
    found = active.look_up(authority, tenant.record.id, "rpt_unknown")
    assert found is None
