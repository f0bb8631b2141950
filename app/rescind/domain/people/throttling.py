"""How often a sign-in may be tried. The counters stand in the store, so that they hold across workers.

An attempt is counted, and that committed, before the password is looked at: guesses that are made at the same
time count too. A window ends a fixed time after its first attempt, whatever is tried in it, and one that is
refused costs no write.

Guesses come from many addresses, so they are counted by username; and a stranger who only wants to keep
somebody out could use that up again and again. Therefore an address from which this password was right
before is familiar for 30 days, and what is tried from there is counted by itself: strangers keep nobody out
of a place where they have signed in, and a guesser gains nothing, who never was right.

Who was given a new password by an operator is let in with it, from an address too from which more is refused.
From there a wrong one is answered as it is for everybody else: that somebody has a new password is not told.
"""

from dataclasses import dataclass

from rescind.domain.authority import Authority
from rescind.domain.networks import network_of
from rescind.domain.secrets import digest
from rescind.errors import SignInRefused, SignInThrottled
from rescind.store import sign_in_attempts as attempts
from rescind.store.engine import Transaction
from rescind.store.people_records import AttemptsRecord

FAMILIAR_SECONDS = 30 * 86_400
# From when a password was set on: for somebody who waits for it.
LET_IN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one attempt is counted by: each key with the number of attempts that are allowed to it.

    Attributes:
        kept_out: why anybody else would have been refused here, where only a new password is let in.
    """

    authority: Authority
    tenant_id: int
    limits: dict[bytes, int]
    is_familiar: bool
    kept_out: SignInThrottled | None = None

    def take(self) -> None:
        """Count an attempt, and commit.

        Raises:
            SignInThrottled: there were too many already.
        """
        seconds = self.authority.settings.sign_in_window_seconds
        # In the order of the keys here, by username before by address, in every transaction.
        counted = self.authority.store.transact(
            lambda tx: {
                key: attempts.count(tx, self.tenant_id, key, window_seconds=seconds) for key in self.limits
            }
        )
        exceeded = [key for key, limit in self.limits.items() if counted[key].attempts > limit]
        if exceeded:
            raise self.kept_out or _throttled(self.limits, counted, exceeded)

    def refusal(self) -> SignInThrottled | SignInRefused:
        """Give the answer to a wrong password."""
        return self.kept_out or SignInRefused()

    def restore(self, tx: Transaction) -> None:
        """Forget the failures of the username after a success. Those of the address were others' as well."""
        by_name, *by_address = self.limits
        if not self.is_familiar:
            attempts.forget(tx, self.tenant_id, by_name)
        for key in by_address:
            attempts.give_back(tx, self.tenant_id, key)


def look(
    tx: Transaction, authority: Authority, tenant_id: int, username: str, address: str, stored: str | None
) -> Allowance:
    """Find out what an attempt will be counted by.

    Args:
        address: of the client, as text; empty where it is not known.
        stored: the hash of the user's password, if there is one.

    Raises:
        SignInThrottled: there were too many already. Nothing was written.
    """
    settings = authority.settings
    by_name, by_address = _by_name(username), _by_address(address)
    by_both = _familiar(username, address, stored) if stored else None
    by_password = _let_in(username, stored) if stored else None
    keys = [key for key in (by_name, by_address, by_both, by_password) if key is not None]
    found = attempts.find(tx, tenant_id, keys)
    is_familiar = by_both in found
    if is_familiar and by_both is not None:
        by_name, by_address = _from_familiar(by_both), None
        found = attempts.find(tx, tenant_id, [by_name])
    limits = {by_name: settings.sign_in_attempts}
    if by_address is not None:
        limits[by_address] = settings.sign_in_attempts_per_address
    exceeded = [key for key, limit in limits.items() if key in found and found[key].attempts >= limit]
    if not exceeded:
        return Allowance(authority, tenant_id, limits, is_familiar)
    # The same for every name at such an address, also for one whose guesses from there are counted.
    throttled = _throttled(limits, found, [by_address] if by_address in exceeded else exceeded)
    if by_password in found and exceeded == [by_address]:
        return Allowance(authority, tenant_id, {by_name: limits[by_name]}, is_familiar, throttled)
    raise throttled


def become_familiar(tx: Transaction, tenant_id: int, username: str, address: str, stored: str) -> None:
    """Keep that the password was right from an address, and forget what failed from there."""
    key = _familiar(username, address, stored)
    if key is not None:
        attempts.start(tx, tenant_id, key, window_seconds=FAMILIAR_SECONDS)
        attempts.forget(tx, tenant_id, _from_familiar(key))


def let_in(tx: Transaction, tenant_id: int, username: str, stored: str) -> None:
    """Let in who was given a password: forget what failed under the username, whatever failed elsewhere."""
    forget(tx, tenant_id, username)
    attempts.start(tx, tenant_id, _let_in(username, stored), window_seconds=LET_IN_SECONDS)


def forget(tx: Transaction, tenant_id: int, username: str) -> None:
    """Forget what failed under a username."""
    attempts.forget(tx, tenant_id, _by_name(username))


def _throttled(
    limits: dict[bytes, int], counted: dict[bytes, AttemptsRecord], exceeded: list[bytes]
) -> SignInThrottled:
    by_name, *_ = limits
    seconds_left = max(counted[key].seconds_left for key in exceeded)
    return SignInThrottled(max(1, seconds_left), "username" if by_name in exceeded else "address")


def _by_name(username: str) -> bytes:
    return digest(f"username\0{username}")


def _by_address(address: str) -> bytes | None:
    network = network_of(address)
    return digest(f"address\0{network}") if network else None


def _familiar(username: str, address: str, stored: str) -> bytes | None:
    # With the hash in it, a new password makes every address unfamiliar, and needs no list of them.
    network = network_of(address)
    return digest(f"familiar\0{network}\0{username}\0{stored}") if network else None


def _let_in(username: str, stored: str) -> bytes:
    # With the hash in it, it is good for this password alone.
    return digest(f"let in\0{username}\0{stored}")


def _from_familiar(key: bytes) -> bytes:
    return digest(f"from familiar\0{key.hex()}")
