"""An assertion of a client is good for one request (RFC 7523 section 3)."""

from rescind.domain.authority import Authority
from rescind.store import assertions
from rescind.store.granting import KEPT_SECONDS


def use(authority: Authority, tenant_id: int, client_id: str, jti: str, *, expires_at: int) -> bool:
    """Spend an assertion, and commit before anything is done on its word.

    Returns:
        Whether it was not spent before.

    Raises:
        StoreUnavailable: not known whether it is spent.
    """
    return assertions.use(
        authority.store,
        tenant_id,
        client_id,
        jti,
        expires_at=expires_at,
        kept_until=expires_at + KEPT_SECONDS,
    )
