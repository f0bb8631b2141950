"""What a subject has given to clients: see it, rely on it, take it back.

All that is about one person is gone through, whichever way rows of before have the name.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from rescind.domain import resources
from rescind.domain.authority import Authority
from rescind.domain.revoking import hooks, revocation
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.store import codes, grants
from rescind.store.engine import Transaction
from rescind.store.records import ConnectedClient, TenantRecord
from rescind.store.spellings import each_spelling

# The lifetime of a code is never set to more.
_LONGEST_CODE_SECONDS = 600
_BATCH = 1000
# Of more grants of one client the older ones are not looked through for what they cover.
_MOST_LOOKED_AT = 1000


def list_connected(authority: Authority, tenant: TenantRecord, subject: str) -> list[ConnectedClient]:
    """List the clients that hold something of a subject's, by id; what, by the newest thousand grants."""
    found: dict[str, ConnectedClient] = {}
    with authority.store.reading() as tx:
        for each in each_spelling(subject):
            for client in grants.connected(tx, tenant.id, each, limit=_MOST_LOOKED_AT):
                known = found.get(client.client_id)
                found[client.client_id] = _both(known, client) if known else client
    return [found[client_id] for client_id in sorted(found)]


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
        given = [
            consented
            for each in each_spelling(subject)
            for consented in grants.consented(tx, tenant.id, each, client_id, limit=_MOST_LOOKED_AT)
        ]
    wanted = set(scope)
    return any(wanted <= set(words) and resources.covers(places, audience) for words, places in given)


def disconnect(
    authority: Authority, tenant: TenantRecord, subject: str, client_id: str, cause: Cause
) -> list[Revocation]:
    """End all that a subject has given a client, and commit.

    Codes go first. One that is being redeemed is waited for, so its grant is seen and ended too; the others
    can't be redeemed any more. What relies on an earlier consent looks again after its code is made. That
    look may come before the end is committed, with the code made behind the look for codes: so after each
    commit all is gone through again, until nothing is left. So it is with each way in which the name is
    written: a code of one may rely on what is there of another.

    Returns:
        What ended, a revocation for each grant.

    Raises:
        StoreUnavailable: not known how much ended. The same call may be made again.
    """
    done: list[Revocation] = []
    ways = each_spelling(subject)
    while True:
        ended = [ended for each in ways for ended in _disconnect(authority, tenant, each, client_id, cause)]
        done += ended
        if not ended or not ways[1:]:
            return done


def _disconnect(
    authority: Authority, tenant: TenantRecord, subject: str, client_id: str, cause: Cause
) -> list[Revocation]:
    """End what there is of one way in which the name is written."""
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


def _both(one: ConnectedClient, other: ConnectedClient) -> ConnectedClient:
    return replace(
        one,
        scope=tuple(dict.fromkeys((*one.scope, *other.scope))),
        given_at=min(one.given_at, other.given_at),
        token_issued_at=max(one.token_issued_at, other.token_issued_at),
    )
