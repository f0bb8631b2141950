"""What still needs an older secret key, before that one is taken out of `RESCIND_SECRET_KEY`."""

from collections.abc import Iterator
from dataclasses import dataclass

from rescind.domain.authority import Authority
from rescind.domain.registry import clients, keys, tenants
from rescind.store.records import TenantRecord


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What was done for one tenant, and what is left to others.

    Attributes:
        encrypted_again: how many signing keys are now encrypted under the first secret key.
        lost_keys: ids of signing keys that none of the secret keys decrypts: the tenant can't sign with them.
        waiting_clients: ids of clients that have not authenticated since the first secret key is the first.
            Of a secret that an earlier version stored it is not known which key it needs; it counts.
    """

    tenant: str
    encrypted_again: int
    lost_keys: list[str]
    waiting_clients: list[str]


def rekey(authority: Authority) -> Iterator[Rekeyed]:
    """Encrypt signing keys of all tenants under the first secret key, and tell what is left.

    Raises:
        StoreUnavailable: it is not known of the tenants that are not given yet. It can be done again.
    """
    for tenant in tenants.list_all(authority):
        encrypted_again, lost = keys.encrypt_all_again(authority, tenant)
        yield Rekeyed(tenant.name, encrypted_again, lost, _waiting_clients(authority, tenant))


def _waiting_clients(authority: Authority, tenant: TenantRecord) -> list[str]:
    return [
        client.client_id
        for client in clients.list_all(authority, tenant)
        if client.secret_digest is not None and not authority.keyring.is_of_first_key(client.secret_digest)
    ]
