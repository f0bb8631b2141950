"""Purging changes no answer: whatever was said before it is said behind it, at any time and in any order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rescind.domain import clock, purging
from rescind.domain.registry import clients, tenants
from rescind.domain.tokens import codes
from rescind.domain.tokens.issuing import IssuedTokens
from rescind.errors import TokenRefused
from rescind.store import sessions
from rescind.store.granting import KEPT_SECONDS
from tests.domain.revoking.logouts import sign_out
from tests.servers import CALLBACK, VERIFIER, Client, Server, Tenant, error_of
from tests.store.apart import serving

NOW = 1_800_000_000
HOUR_SECONDS, DAY_SECONDS = 3600, 86_400
SESSION_SECONDS, GRANT_SECONDS = HOUR_SECONDS, 30 * DAY_SECONDS
# Shorter than a grant: the record of an end alone does not keep a session long enough.
AUDIT_DAYS = 1
SCOPES = {"offline": ("openid", "read", "offline_access"), "in the session": ("openid", "read")}
OFFLINE = SCOPES["offline"]
# Just before and behind whatever time something ends at, and when it may have gone.
TIMES = [
    moment + seconds
    for moment in (600, SESSION_SECONDS, AUDIT_DAYS * DAY_SECONDS, GRANT_SECONDS)
    for seconds in (-1, 0, 2 * KEPT_SECONDS)
]


@dataclass(frozen=True)
class Given:
    """Somebody who signed in and gave something to a client."""

    tenant: Tenant
    client: Client
    sid: str
    tokens: dict[str, str]

    def answers(self) -> list[object]:
        """Ask all that can be asked about it."""
        tenant_id, store = self.tenant.record.id, self.tenant.server.authority.store
        with store.reading() as tx:
            session = sessions.find(tx, tenant_id, self.sid)
            _, ended_at = sessions.sign_in_state(tx, tenant_id, "alice", NOW)
        # What ended longer ago is not relied on any more.
        is_known = ended_at > clock.now() - AUDIT_DAYS * DAY_SECONDS
        return [
            *(self.client.is_active(token) for token in sorted(self.tokens.values())),
            session is not None and session.is_active,
            is_known and ended_at,
        ]


@pytest.fixture
def server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on a store of its own, at a time that stands still."""
    clock.set(NOW)
    options = {"session_seconds": SESSION_SECONDS, "refresh_token_seconds": GRANT_SECONDS}
    with serving(own_url, tmp_path, audit_days=AUDIT_DAYS, **options) as server:
        yield server


def give(tenant: Tenant, scope: tuple[str, ...]) -> Given:
    """Sign in, get a code and redeem it."""
    client = tenant.new_client(scope="openid read offline_access")
    sid = tenant.new_session("alice", lifetime_seconds=SESSION_SECONDS)
    code = client.mint_code("alice", scope, session_sid=sid)
    issued = redeem(client, code)
    return Given(tenant, client, sid, {"access": issued.access_token, "refresh": issued.refresh_token or ""})


def redeem(client: Client, code: str) -> IssuedTokens:
    """Redeem a code."""
    authority, tenant = client.tenant.server.authority, client.tenant.record
    return codes.redeem(
        authority,
        tenant,
        clients.get(authority, tenant, client.client_id),
        codes.Redemption(code, CALLBACK, VERIFIER),
        codes.look_up(authority, tenant.id, code),
    )


def purge(server: Server) -> None:
    list(purging.purge(server.authority))


def given_and_left(tenant: Tenant, scope: tuple[str, ...]) -> Given:
    return give(tenant, scope)


def given_and_signed_out(tenant: Tenant, scope: tuple[str, ...]) -> Given:
    given = give(tenant, scope)
    sign_out(tenant, given.sid)
    return given


def given_and_signed_out_at_the_last_moment(tenant: Tenant, scope: tuple[str, ...]) -> Given:
    given = give(tenant, scope)
    clock.set(NOW + SESSION_SECONDS + KEPT_SECONDS - 1)
    sign_out(tenant, given.sid)
    return given


def given_and_refreshed(tenant: Tenant, scope: tuple[str, ...]) -> Given:
    given = give(tenant, scope)
    newest = given.client.refresh(given.tokens["refresh"]).json()["refresh_token"]
    return Given(tenant, given.client, given.sid, given.tokens | {"newest": newest})


HISTORIES = [
    given_and_left,
    given_and_signed_out,
    given_and_signed_out_at_the_last_moment,
    given_and_refreshed,
]
CASES = {
    f"{history.__name__}-{name}": (history, scope) for history in HISTORIES for name, scope in SCOPES.items()
}


@pytest.mark.requirement("STO-06")
@pytest.mark.parametrize("is_wholly", [False, True], ids=["offline access stays", "offline access ends too"])
@pytest.mark.parametrize(("history", "scope"), CASES.values(), ids=CASES)
def test_what_is_said_before_a_purge_is_said_behind_it(
    server: Server,
    tenant: Tenant,
    history: Callable[[Tenant, tuple[str, ...]], Given],
    scope: tuple[str, ...],
    is_wholly: bool,
) -> None:
    tenants.update(server.authority, tenant.record, {"logout_ends_offline_access": is_wholly})
    given = history(tenant, scope)
    said: dict[int, list[object]] = {}
    # First without a purge; then the same again, each time behind one.
    times = [at for at in sorted(TIMES) if NOW + at >= clock.now()]
    for at in times:
        clock.set(NOW + at)
        said[at] = given.answers()

    said_behind: dict[int, list[object]] = {}
    for at in times:
        clock.set(NOW + at)
        purge(server)
        said_behind[at] = given.answers()

    assert said_behind == said


@pytest.mark.requirement("CAS-08")
def test_what_ended_with_its_session_is_not_revived_when_that_goes(server: Server, tenant: Tenant) -> None:
    tenants.update(server.authority, tenant.record, {"logout_ends_offline_access": True})
    given = given_and_signed_out(tenant, OFFLINE)

    clock.set(NOW + GRANT_SECONDS - 1)
    purge(server)

    assert not given.client.is_active(given.tokens["refresh"])
    assert error_of(given.client.refresh(given.tokens["refresh"])) == "invalid_grant"


@pytest.mark.requirement("FAULTS-B11")
def test_a_code_and_a_rotated_token_that_come_back_are_known_to_the_end_of_their_grant(
    server: Server, tenant: Tenant
) -> None:
    client = tenant.new_client()
    code = client.mint_code()
    tokens = client.exchange(code).json()
    newest = client.refresh(tokens["refresh_token"]).json()["refresh_token"]
    clock.set(NOW + GRANT_SECONDS - 1)
    purge(server)
    assert client.is_active(newest)

    with pytest.raises(TokenRefused):
        redeem(client, code)

    assert not client.is_active(newest)
