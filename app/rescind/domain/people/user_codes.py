"""The codes that people type for a device (RFC 8628 section 6.1), and what they say to it.

Eight letters without vowels: 34 bits. Wrong ones are counted by person and by address, in the store, so that
nobody finds one within the ten minutes of its life.
"""

import secrets

from rescind.domain.authority import Authority
from rescind.domain.networks import network_of
from rescind.domain.people.throttling import Allowance
from rescind.domain.secrets import digest
from rescind.errors import CodesThrottled, SignInThrottled
from rescind.store import devices
from rescind.store import sign_in_attempts as attempts
from rescind.store.device_records import DeviceRecord
from rescind.store.engine import Transaction
from rescind.store.records import SessionRecord, TenantRecord

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH = 8
_LONGEST_TYPED = 64


def new() -> str:
    """Make a user code, as it is shown."""
    return shown("".join(secrets.choice(LETTERS) for _ in range(_LENGTH)))


def shown(code: str) -> str:
    """Write a code as people read it."""
    return f"{code[:4]}-{code[4:]}"


def normalised(typed: str) -> str | None:
    """Read a code as it was typed, whatever its case and what stands between; None where it can be none."""
    letters = "".join(each for each in typed[:_LONGEST_TYPED].upper() if each.isalnum())
    is_code = len(letters) == _LENGTH and set(letters) <= set(LETTERS)
    return letters if is_code else None


def digest_of(code: str) -> bytes:
    """Give the digest under which a code is stored."""
    return digest(f"user code\0{normalised(code)}")


def find(
    authority: Authority, tenant: TenantRecord, typed: str, session: SessionRecord, address: str
) -> DeviceRecord | None:
    """Find what a device waits for by the code that a person has typed; None where that is not open.

    Counted before it is looked at, so that guesses made at the same time count too.

    Raises:
        CodesThrottled: too many were wrong. Nothing was looked at.
        StoreUnavailable: not known.
    """
    code = normalised(typed)
    if code is None:
        return None
    settings = authority.settings
    limits = {digest(f"device subject\0{session.subject}"): settings.sign_in_attempts}
    network = network_of(address)
    if network:
        limits[digest(f"device address\0{network}")] = settings.sign_in_attempts_per_address
    try:
        Allowance(authority, tenant.id, limits, is_familiar=True).take()
    except SignInThrottled as error:
        raise CodesThrottled(error.retry_after_seconds) from None
    with authority.store.reading() as tx:
        found = devices.find_by_user_code(tx, tenant.id, digest_of(code))
    if found is None or not found.is_open:
        return None

    def restore(tx: Transaction) -> None:
        for key in limits:
            attempts.give_back(tx, tenant.id, key)

    authority.store.transact(restore)
    return found


def allow(
    authority: Authority, tenant: TenantRecord, session: SessionRecord, code: str, grant_id: str
) -> bool:
    """Let a person allow what a device waits for, and commit; False where it does not wait any more.

    What was revoked since the device began ends it all the same: it keeps the epochs of its beginning.

    Raises:
        StoreUnavailable: not known whether it was allowed.
    """
    return devices.allow(authority.store, tenant.id, digest_of(code), grant_id, session)


def deny(authority: Authority, tenant: TenantRecord, code: str, grant_id: str) -> bool:
    """Say no to it, and commit; False where it does not wait any more.

    Raises:
        StoreUnavailable: not known whether it was denied.
    """
    return devices.deny(authority.store, tenant.id, digest_of(code), grant_id)
