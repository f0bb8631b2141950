"""How many clients may register themselves where no token is asked for. Counted in the store, by all workers.

By address, so that one flood leaves room for others; and by tenant, so that one from many addresses fills no
store. A registration is counted in the transaction that makes it, and one that is refused costs no write.
"""

from dataclasses import dataclass

from rescind.domain.networks import network_of
from rescind.domain.secrets import digest
from rescind.errors import RegistrationThrottled
from rescind.store import sign_in_attempts as attempts
from rescind.store.engine import Transaction

WINDOW_SECONDS = 3600
MOST_OF_ADDRESS = 100
MOST_OF_TENANT = 1000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one registration, or one change of it, is counted by."""

    limits: dict[bytes, int]

    @classmethod
    def of(cls, address: str, *, is_new: bool) -> "Allowance":
        """Name what counts.

        Args:
            address: that the request came from; empty where it is not known.
            is_new: whether it makes a client; a change fills nothing.
        """
        network = network_of(address)
        limits = {digest(f"registrations from\0{network}"): MOST_OF_ADDRESS} if network else {}
        return cls(limits | ({digest("registrations"): MOST_OF_TENANT} if is_new else {}))

    def look(self, tx: Transaction, tenant_id: int) -> None:
        """Look whether there were too many already, and write nothing.

        Raises:
            RegistrationThrottled: there were.
        """
        found = attempts.find(tx, tenant_id, list(self.limits))
        over = [each.seconds_left for key, each in found.items() if each.attempts >= self.limits[key]]
        if over:
            raise RegistrationThrottled(max(1, *over))

    def take(self, tx: Transaction, tenant_id: int) -> None:
        """Count one, in the transaction that makes it.

        Raises:
            RegistrationThrottled: there were too many by now.
        """
        for key, limit in self.limits.items():
            counted = attempts.count(tx, tenant_id, key, window_seconds=WINDOW_SECONDS)
            if counted.attempts > limit:
                raise RegistrationThrottled(max(1, counted.seconds_left))
