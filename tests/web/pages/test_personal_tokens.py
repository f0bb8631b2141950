"""Personal access tokens: made by a person, shown once, active while they and the person are let be."""

import contextlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import and_, func, select

from rescind.domain import clock
from rescind.domain.people import personal_tokens, users
from rescind.domain.registry import clients
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import Cause
from rescind.domain.secrets import new_id
from rescind.domain.tokens import active
from rescind.errors import BadValue, ClientDisabled, Refused
from rescind.store import sessions, transactions
from rescind.store.records import SessionRecord
from rescind.store.tables import grants
from rescind.store.tables import personal_tokens as rows
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


def session_of(tenant: Tenant) -> SessionRecord:
    """Give a session of alice."""
    sid = tenant.new_session("alice")
    with tenant.server.authority.store.reading() as tx:
        session = sessions.find(tx, tenant.record.id, sid)
    assert session is not None
    return session


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


def test_a_form_makes_one_token_also_when_that_was_revoked(
    alices: Browser, tenant: Tenant, asker: Client
) -> None:
    page = alices.open(f"/t/{tenant.name}/account/tokens")
    fields = {"form": page.form("/account/tokens").fields["form"], "name": "Backup", "days": "7"}
    made, again = (alices.post(page.form("/account/tokens").action, fields) for _ in range(2))
    alices.send(again.form("/account/tokens/revoke"))
    later = alices.post(page.form("/account/tokens").action, fields)

    assert (made.status, again.status, later.status) == (200, 400, 400)
    assert "made already" in again.text
    assert not asker.is_active(shown(made))
    assert personal_tokens.list_of(tenant.server.authority, tenant.record, "alice") == []


def test_there_are_never_more_than_may_be_and_all_are_shown_the_newest_first(
    tenant: Tenant, asker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_tokens, "MOST", 3)
    authority, record = tenant.server.authority, tenant.record
    client, session = clients.get(authority, record, personal_tokens.CLIENT_ID), session_of(tenant)

    def create(name: str) -> None:
        with contextlib.suppress(BadValue):
            personal_tokens.create(
                *(authority, record, client, session), grant_id=new_id(), name=name, scope=(), days=1
            )

    def called() -> list[str]:
        return [each.name for each in personal_tokens.list_of(authority, record, "alice")]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, map(str, range(16))))
    at_once = called()
    clock.set(NOW + DAY_SECONDS)
    for number in range(4):
        clock.set(NOW + DAY_SECONDS + number)
        create(f"later {number}")

    assert len(at_once) == 3
    assert called() == ["later 2", "later 1", "later 0"]
    with authority.store.opened() as connection:
        count = select(func.count()).select_from(rows).where(rows.c.tenant_id == record.id)
        # What has expired is not gone through any more.
        assert connection.execute(count).scalar_one() == 3


def test_none_is_made_by_who_has_seen_that_they_are_on_and_they_are_not_any_more(
    tenant: Tenant, asker: Client
) -> None:
    authority, record = tenant.server.authority, tenant.record
    client, session = clients.get(authority, record, personal_tokens.CLIENT_ID), session_of(tenant)
    personal_tokens.turn_off(authority, record, actor=OPERATOR)

    with pytest.raises(ClientDisabled):
        personal_tokens.create(
            *(authority, record, client, session), grant_id=new_id(), name="x", scope=(), days=1
        )

    personal_tokens.turn_on(authority, record, actor=OPERATOR)
    assert personal_tokens.list_of(authority, record, "alice") == []


def test_to_ask_about_one_is_a_read_and_no_more_where_its_use_was_just_noted(
    alices: Browser, tenant: Tenant, asker: Client
) -> None:
    token, sent = shown(make(alices, tenant)), []

    def watch(dialect: str, statement: str) -> None:
        sent.append(statement)

    asker.introspect(token)
    transactions.watchers.append(watch)
    try:
        active = asker.is_active(token)
    finally:
        transactions.watchers.remove(watch)

    assert active
    assert len([each for each in sent if "personal_tokens" in each]) == len(sent) == 1


def test_what_was_revoked_is_gone_in_hours_once_another_is_made_and_what_holds_stays(
    alices: Browser, tenant: Tenant, asker: Client
) -> None:
    authority, record = tenant.server.authority, tenant.record
    kept = shown(make(alices, tenant))
    _by_an_operator(alices, tenant, shown(make(alices, tenant)))
    make(alices, tenant)

    soon = and_(grants.c.tenant_id == record.id, grants.c.purge_at <= NOW + 2 * 3600)
    with authority.store.opened() as connection:
        going = connection.execute(select(grants.c.revoked_at).where(soon)).scalars().all()
    assert going == [NOW]
    assert asker.is_active(kept)


def test_what_an_operator_takes_from_all_of_them_those_of_before_have_lost_too(
    alices: Browser, tenant: Tenant, asker: Client
) -> None:
    token = shown(make(alices, tenant, scope_0="notes", scope_1="mail"))
    authority, record = tenant.server.authority, tenant.record
    before = asker.introspect(token).json()["scope"]

    clients.update(authority, record, personal_tokens.CLIENT_ID, scope="mail other")
    left = asker.introspect(token).json()["scope"]
    (known,) = personal_tokens.list_of(authority, record, "alice")
    clients.update(authority, record, personal_tokens.CLIENT_ID, scope="")
    none = asker.introspect(token).json()
    other = tenant.new_client(scope="notes")
    others = other.issue("alice", ("notes",))
    clients.update(authority, record, other.client_id, scope="")

    assert (before, left, known.scope) == ("notes mail", "mail", ("mail",))
    assert (none["active"], "scope" in none) == (True, False)
    assert asker.introspect(others.access_token).json()["scope"] == "notes"


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
