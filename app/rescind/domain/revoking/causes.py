"""Why something was revoked and by whom, and what came of it."""

from dataclasses import dataclass

from rescind.store.tables.revoked import MOST_COMMON_CAUSE

REVOCATION_ENDPOINT = MOST_COMMON_CAUSE
REFRESH_TOKEN_REUSE = "refresh-token-reuse"
# Nothing has ended by it: see `rescind.domain.tokens.reuse`.
REFRESH_TOKEN_REUSE_REFUSED = "refresh-token-reuse-refused"
CODE_REPLAY = "code-replay"
OPERATOR = "operator"
CLIENT_DELETED = "client-deleted"
# These two end nothing: what a client was given is suspended, and goes on.
CLIENT_DISABLED = "client-disabled"
CLIENT_ENABLED = "client-enabled"
TENANT_DISABLED = "tenant-disabled"
PASSWORD_CHANGED = "password-changed"
USER_DISABLED = "user-disabled"
USER_DELETED = "user-deleted"
LOGOUT = "logout"
SIGN_OUT_EVERYWHERE = "sign-out-everywhere"
ACCESS_REMOVED = "access-removed"
DOCUMENT_CHANGED = "document-changed"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why, by whom, on which request: kept in the event row.

    Attributes:
        name: one of this module's, or a host's own.
        actor: `client:<id>`, `subject:<id>`, `cli:<user name>:<uid>` or `host`.
        reason: free text of an operator.
        request_id: of the HTTP request that asked.
    """

    name: str
    actor: str
    reason: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Revocation:
    """What a revocation did.

    Attributes:
        revoked: whether anything ended by it. A no-op is no error.
        event_id: id of its event row; None for a no-op, which writes none.
        tenant: name of the tenant.
        kind: of the selector: token, grant, session, subject, client, tenant or access.
        value: what the selector named; of a token the first 16 hex digits of its digest, of an access its
            subject.
        cause: why.
    """

    revoked: bool
    event_id: str | None
    tenant: str
    kind: str
    value: str
    cause: Cause
