"""The counters that make a bulk revocation one row.

A grant and a session carry the epochs that stood when the request began which led to them. Raising an
epoch by one therefore ends whatever began before, and nothing that begins after.
"""

from dataclasses import dataclass

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
