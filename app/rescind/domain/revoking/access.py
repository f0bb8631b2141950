"""End what a subject has given a client: its codes and each grant, also those that outlive sessions."""

from rescind.domain.authority import Authority
from rescind.domain.revoking import hooks, targets
from rescind.domain.revoking.causes import Cause, Revocation
from rescind.domain.revoking.targets import Target
from rescind.store import codes, devices, grants, revocations
from rescind.store.engine import Transaction
from rescind.store.records import TenantRecord
from rescind.store.spellings import each_spelling

# The lifetime of a code of either kind is never more.
_LONGEST_CODE_SECONDS = 600
_BATCH = 1000


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
        for kind in (codes, devices):
            kind.void(tx, tenant.id, subject, client_id, longest_seconds=_LONGEST_CODE_SECONDS)
        ids = grants.unended_ids(tx, tenant.id, subject, client_id, after=after, limit=_BATCH)
        ended = _end_grants(authority, tx, tenant, subject, client_id, ids, cause)
        return ids[-1] if ids else "", ended

    return authority.store.transact(end)


def _end_grants(
    authority: Authority,
    tx: Transaction,
    tenant: TenantRecord,
    subject: str,
    client_id: str,
    ids: list[str],
    cause: Cause,
) -> list[Revocation]:
    """End what a subject has given a client, each grant by an event of its own, in a transaction as `apply`.

    Returns:
        What this call has ended. It costs two statements, whatever their number.
    """
    ending = [
        Target("grant", each, revocations.END_GRANT, each, client_id, grant_id=each, subject=subject)
        for each in ids
    ]
    events = [targets.event(authority, each, cause) for each in ending]
    return [
        targets.done(targets.nothing(tenant.name, "grant", event.selector_value, cause), event)
        for event in revocations.end_grants(tx, tenant.id, events)
    ]
