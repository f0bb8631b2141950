"""What comes of a refresh token that was replaced and comes back too late (RFC 9700 section 4.14.2).

Its grant ends, as one of the two who have it may be a thief. Or it is refused and all else goes on, where a
client is set so: it is known to hold old tokens for long.
"""

from rescind.domain.authority import Authority
from rescind.domain.registry.refresh_options import REFUSE
from rescind.domain.registry.refresh_policies import RefreshPolicy
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import REFRESH_TOKEN_REUSE, REFRESH_TOKEN_REUSE_REFUSED, Cause
from rescind.domain.revoking.revocation import revoke
from rescind.domain.secrets import new_id
from rescind.errors import TokenRefused
from rescind.store import refusals
from rescind.store.drafts import NewRevocation
from rescind.store.records import GrantRecord, TenantRecord


def answer(
    authority: Authority,
    tenant: TenantRecord,
    grant: GrantRecord,
    policy: RefreshPolicy,
    request_id: str | None = None,
) -> TokenRefused:
    """Do what the policy says, and commit.

    Returns:
        What the client is told.

    Raises:
        StoreUnavailable: it is not known whether it was done.
    """
    actor = f"client:{grant.client_id}"
    if policy.on_reuse == REFUSE:
        _note(authority, tenant, grant, Cause(REFRESH_TOKEN_REUSE_REFUSED, actor, request_id=request_id))
        return TokenRefused("The refresh token was used before, too long ago to be good once more.")
    cause = Cause(REFRESH_TOKEN_REUSE, actor, request_id=request_id)
    revoke(authority, selectors.Grant(tenant.name, grant.id), cause)
    return TokenRefused("The refresh token was used before; everything issued with it has ended.")


def _note(authority: Authority, tenant: TenantRecord, grant: GrantRecord, cause: Cause) -> None:
    """Write down for the operator that it was refused; nobody is told that anything has ended."""
    event = NewRevocation(
        id=new_id(),
        selector_kind="grant",
        selector_value=grant.id,
        grant_id=grant.id,
        cause=cause.name,
        reason=cause.reason,
        actor=cause.actor,
        client_id=grant.client_id,
        subject=grant.subject,
        request_id=cause.request_id,
        kept_seconds=authority.audit_seconds,
    )
    refusals.note(authority.store, tenant.id, grant.id, event)
