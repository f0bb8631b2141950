"""People who sign in, and what comes of it, as the tests of users and of throttling see it."""

from collections.abc import Sequence

from rescind.domain.authority import Authority
from rescind.domain.people import sign_in, users
from rescind.domain.registry import tenants
from rescind.domain.tokens.issuing import issue
from rescind.errors import SignInRefused, SignInThrottled, TooBusy
from rescind.store import sessions as session_rows
from rescind.store.records import SessionRecord
from tests.servers import Client, Tenant

PASSWORD = "correct horse battery staple"
HOME, AWAY = "192.0.2.10", "198.51.100.20"


def new_user(tenant: Tenant, username: str = "alice", password: str | None = PASSWORD) -> str:
    """Make a user, and give the name."""
    return users.create(tenant.server.authority, tenant.record, username, password).username


def enter(
    tenant: Tenant,
    username: str = "alice",
    password: str = PASSWORD,
    *,
    address: str = HOME,
    authority: Authority | None = None,
    at_browser: Sequence[SessionRecord] = (),
) -> sign_in.SignedIn:
    """Sign in, on the authority of another worker where one is given."""
    authority = authority or tenant.server.authority
    record = tenants.get(authority, tenant.name)
    return sign_in.sign_in(
        authority, record, username, password, address=address, request_id=None, at_browser=at_browser
    )


def session_of(tenant: Tenant, signed_in: sign_in.SignedIn) -> SessionRecord:
    """Read a session as the browser's next request finds it."""
    with tenant.server.authority.store.reading() as tx:
        found = session_rows.find(tx, tenant.record.id, signed_in.sid)
    assert found is not None
    return found


def outcome(
    tenant: Tenant,
    username: str = "alice",
    password: str = PASSWORD,
    *,
    address: str = HOME,
    authority: Authority | None = None,
) -> str:
    """Say in a word what comes of a sign-in."""
    try:
        enter(tenant, username, password, address=address, authority=authority)
    except SignInRefused:
        return "refused"
    except SignInThrottled:
        return "throttled"
    except TooBusy:
        return "sent away"
    return "in"


def outcomes(tenant: Tenant, count: int, *, address: str = HOME, username: str = "alice") -> list[str]:
    """Try a wrong password some times, one after the other."""
    return [outcome(tenant, username, f"guess number {number}", address=address) for number in range(count)]


def gives_active_tokens(client: Client, signed_in: sign_in.SignedIn) -> bool:
    """Tell whether tokens of the session are any good: the session by use."""
    # Not `client.issue`, which takes only what is live.
    authorization = client.authorization(signed_in.subject, session_sid=signed_in.sid)
    (issued,) = issue(client.tenant.server.authority, authorization)
    return client.is_active(issued.access_token)
