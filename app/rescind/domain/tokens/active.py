"""Is this token active? The question has one answer, whoever asks.

*Ended* is by decision: the token, its grant or its session was revoked, or the epoch of its tenant, client
or subject was raised since the grant was made. *Expired* is by time. *Suspended* it is while its client
is disabled. *Active* is none of these. The store decides it, in `rescind.store.activity`, on every question
anew: nothing is remembered between two.
"""

from rescind.domain.authority import Authority
from rescind.store import admission
from rescind.store.records import TokenRecord


def look_up(authority: Authority, tenant_id: int, token: str) -> TokenRecord | None:
    """Find a token of this tenant, of either kind, with what the predicate says of it.

    Returns:
        None for a string that is no token of this tenant, or whose row was purged.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    with authority.store.reading() as tx:
        return admission.find_token(tx, tenant_id, authority.keyring.presented(token))
