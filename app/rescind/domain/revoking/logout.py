"""Sign out: the end of a session, of what was granted in it, and word of it to the clients."""

from rescind.domain.authority import Authority
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import LOGOUT, Cause, Revocation
from rescind.store.records import TenantRecord


def end_session(
    authority: Authority,
    tenant: TenantRecord,
    sid: str,
    *,
    cause: str = LOGOUT,
    actor: str,
    request_id: str | None,
) -> Revocation:
    """End a session, and commit. Repeating it is harmless.

    The session's grants end with it; what was given `offline_access` goes on, unless its tenant is set to
    `logout_ends_offline_access` (OpenID Connect Back-Channel Logout section 2.7). That clients are to hear of
    it is written in the same transaction; nobody waits until they have.

    Args:
        cause: the name of one, as the event row has it.
        actor: `subject:<id>` or, where only its hint says who asks, `client:<id>`.

    Raises:
        StoreUnavailable: the commit was not confirmed. The same call may be made again.
    """
    why = Cause(cause, actor, request_id=request_id)
    return revocation.revoke(authority, selectors.Session(tenant.name, sid), why)
