"""The counters that make a bulk revocation one row.

A grant and a session carry the epochs that stood when the request began which led to them. Raising an
epoch by one therefore ends whatever began before, and nothing that begins after. A counter does not begin
with 0: one whose row was lost, and is made anew, is to have no number of before.
"""

from dataclasses import dataclass

from rescind.domain.authority import Authority
from rescind.store import revocations
from rescind.store.records import ClientRecord, TenantRecord


@dataclass(frozen=True, slots=True)
class Epochs:
    """The epochs that a request read, once, at its first read."""

    tenant: int
    client: int
    subject: int = 0

    @classmethod
    def carried_by(cls, tenant: TenantRecord, client: ClientRecord, subject: int = 0) -> "Epochs":
        """Take the epochs out of what the request read first."""
        return cls(tenant.epoch, client.epoch, subject)


def of_subject(authority: Authority, tenant_id: int, subject: str) -> int:
    """Read a subject's epoch, for what is to be given about it; where it has no row, that is written first.

    Without the row, nothing about a subject is live.

    Raises:
        StoreUnavailable: the row is not known to be there.
    """
    with authority.store.reading() as tx:
        found = revocations.subject_epoch(tx, tenant_id, subject)
    if found is not None:
        return found
    return authority.store.transact(lambda tx: revocations.make_subject(tx, tenant_id, subject))
