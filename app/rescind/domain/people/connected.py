"""What a subject has given to clients: see it, rely on it, take it back."""

from collections.abc import Collection, Iterable

from rescind.domain import resources
from rescind.domain.authority import Authority
from rescind.domain.revoking import hooks, revocation
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.store import codes, grants
from rescind.store.engine import Transaction
from rescind.store.records import ConnectedClient, TenantRecord

# The lifetime of a code is never set to more.
_LONGEST_CODE_SECONDS = 600
_BATCH = 1000
# Of more grants of one client the older ones are not looked through for what they cover.
_MOST_LOOKED_AT = 1000


def list_connected(authority: Authority, tenant: TenantRecord, subject: str) -> list[ConnectedClient]:
    """List the clients that hold something of a subject's, by id; what, by the newest thousand grants."""
    with authority.store.reading() as tx:
        return grants.connected(tx, tenant.id, subject, limit=_MOST_LOOKED_AT)


def has_given(
    authority: Authority,
    tenant: TenantRecord,
    subject: str,
    client_id: str,
    scope: Iterable[str],
    audience: Collection[str] = (),
) -> bool:
    """Tell whether a live grant that the subject gave covers scope and audience: then nothing is asked.

    What an operator has issued (`rescind token issue`) does not count. One of the newest thousand; what only
    an older one covers is asked for again.
    """
    with authority.store.reading() as tx:
        given = grants.consented(tx, tenant.id, subject, client_id, limit=_MOST_LOOKED_AT)
    wanted = set(scope)
    return any(wanted <= set(words) and resources.covers(places, audience) for words, places in given)


def disconnect(
    authority: Authority, tenant: TenantRecord, subject: str, client_id: str, cause: Cause
) -> list[Revocation]:
    """End all that a subject has given a client, and commit.

    Codes go first. One that is being redeemed is waited for, so its grant is seen and ended too; the others
    can't be redeemed any more. What relies on an earlier consent looks again after its code is made. That
    look may come before the end is committed, with the code made behind the look for codes: so after each
    commit all is gone through again, until nothing is left.

    Returns:
        What ended, a revocation for each grant.

    Raises:
        StoreUnavailable: not known how much ended. The same call may be made again.
    """
    done: list[Revocation] = []
    after = ""
    while True:
        last, ended = _disconnect_some(authority, tenant, subject, client_id, cause, after)
        done += ended
        for each in ended:
            hooks.announce(authority, each)
        if not last and not after:
            return done
        # On from there, so that what has ended is not gone through each time; and at the end from the start.
        after = last


def _disconnect_some(
    authority: Authority, tenant: TenantRecord, subject: str, client_id: str, cause: Cause, after: str
) -> tuple[str, list[Revocation]]:
    """Use up the codes and end a batch of grants. Gives the last, if any, and those that this ended."""

    def end(tx: Transaction) -> tuple[str, list[Revocation]]:
        codes.void(tx, tenant.id, subject, client_id, longest_seconds=_LONGEST_CODE_SECONDS)
        ids = grants.unended_ids(tx, tenant.id, subject, client_id, after=after, limit=_BATCH)
        ended = revocation.end_grants(authority, tx, tenant, subject, client_id, ids, cause)
        return ids[-1] if ids else "", ended

    return authority.store.transact(end)
