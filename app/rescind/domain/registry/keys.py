"""The keys with which a tenant signs: made on first use, published before they sign and after.

OpenID Connect Core section 10.1.1: a verifier keeps the published keys for a while. So a new key is
published for longer than that before it signs, and the one before it until its last token has expired. After
that it is kept a while, as an ID token may be shown at a logout when it has expired.
"""

import functools
import json
import logging
from dataclasses import dataclass, replace
from typing import Any

from joserfc.jwk import RSAKey

from rescind.domain.authority import Authority
from rescind.domain.revoking.deliveries import LOGOUT_TOKEN_SECONDS
from rescind.domain.secrets import Keyring
from rescind.errors import Refused, SettingsError
from rescind.store import keys
from rescind.store.engine import Transaction
from rescind.store.key_records import SigningKeyRecord
from rescind.store.records import TenantRecord

log = logging.getLogger(__name__)

ALGORITHM = "RS256"
BITS = 2048
# The published keys may be kept for this long, and a new one is published for twice as long before it signs.
CACHE_SECONDS = 300
LEAD_SECONDS = 2 * CACHE_SECONDS
# How far clocks of hosts and verifiers may be apart.
SKEW_SECONDS = 60
CURE = (
    "Put the former secret key behind the new one in RESCIND_SECRET_KEY, or have the tenant sign with a new "
    "key: {} keys rotate --tenant T."
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did, or would do. Times are whole seconds since 1970, UTC.

    Attributes:
        kid: of the new key; None where none was made.
        replaces: the key that signs until then, if any; it is published until `replaced_until`.
    """

    kid: str | None
    signs_from: int
    replaces: str | None
    replaced_until: int | None


def signing_key(authority: Authority, tenant_id: int) -> RSAKey:
    """Give the key that signs now; its `kid` is set.

    Raises:
        SettingsError: it was encrypted under a secret key that is no longer in the settings.
        StoreUnavailable: it is not known, or a first one could not be written.
    """
    current = _signing(*_published(authority, tenant_id))
    private = _unlocked(authority.keyring, current.private_key)
    if private is None:
        cure = CURE.format(authority.store.command)
        log.error("a signing key can't be decrypted: kid %s. %s", current.kid, cure)
        raise SettingsError(f"The signing key can't be decrypted. {cure}")
    if authority.keyring.is_encrypted_by_older(current.private_key):
        again = authority.keyring.encrypt(_spelled(private))
        old = current.private_key
        authority.store.transact(lambda tx: keys.encrypt_again(tx, tenant_id, current.kid, old, again))
    return private


def public_jwks(authority: Authority, tenant_id: int) -> dict[str, Any]:
    """Give the public keys that verifiers need now or will need soon (RFC 7517 section 5).

    Raises:
        StoreUnavailable: they are not known, or a first one could not be written.
    """
    published, _ = _published(authority, tenant_id)
    return {"keys": [json.loads(key.public_jwk) for key in published]}


def kept_jwks(authority: Authority, tenant_id: int) -> dict[str, Any]:
    """Give the public keys that there are, also those that are published no more and not purged yet."""
    with authority.store.reading() as tx:
        return {"keys": [json.loads(key.public_jwk) for key in keys.kept(tx, tenant_id)]}


def rotate(authority: Authority, tenant: TenantRecord) -> Rotation:
    """Publish a new key, which signs once every verifier can have it; retire the one that signs until then.

    It signs at once where there is no other, or the one there is can't be decrypted.

    Raises:
        Refused: a key is published already that does not sign yet.
        StoreUnavailable: not known whether it was done.
    """
    made = _make(authority)

    def publish(tx: Transaction) -> Rotation:
        now = keys.take_turn(tx, tenant.id)
        planned = _plan(authority, keys.published(tx, tenant.id), now)
        keys.add(tx, tenant.id, replace(made, created_at=now, signs_from=planned.signs_from))
        until = _needed_until(authority, planned.signs_from)
        kept_until = until + longest_sign_in_seconds(authority)
        keys.retire_others(tx, tenant.id, made.kid, until=until, kept_until=kept_until)
        return planned

    return replace(authority.store.transact(publish), kid=made.kid)


def plan_rotation(authority: Authority, tenant: TenantRecord) -> Rotation:
    """Tell what a rotation would do now, and do nothing.

    Raises:
        Refused: it would be refused.
        StoreUnavailable: the keys are not known.
    """
    with authority.store.reading() as tx:
        return _plan(authority, keys.published(tx, tenant.id), tenant.read_at)


def list_all(authority: Authority, tenant: TenantRecord) -> list[tuple[SigningKeyRecord, str]]:
    """List the keys that are kept, oldest first, each with what it does.

    That is `signs`, `waits` (it is published, and signs from its time on), `published` (for what it has
    signed) or `withdrawn`.
    """
    with authority.store.reading() as tx:
        return [(key, _state(key, published)) for key, published in _with_published(tx, tenant.id)]


def encrypt_all_again(authority: Authority, tenant: TenantRecord) -> tuple[int, list[str]]:
    """Encrypt under the first secret key what an older one of the settings has encrypted.

    Returns:
        How many keys were, and the ids of those that sign now or will, and that none can decrypt.
    """

    def encrypt(tx: Transaction) -> tuple[int, list[str]]:
        keys.take_turn(tx, tenant.id)
        again, lost = 0, []
        for key, published in _with_published(tx, tenant.id):
            spelled = authority.keyring.decrypt(key.private_key)
            if spelled is None:
                lost += [key.kid] if _state(key, published) in {"signs", "waits"} else []
            elif authority.keyring.is_encrypted_by_older(key.private_key):
                new = authority.keyring.encrypt(spelled)
                keys.encrypt_again(tx, tenant.id, key.kid, key.private_key, new)
                again += 1
        return again, lost

    return authority.store.transact(encrypt)


def _with_published(tx: Transaction, tenant_id: int) -> list[tuple[SigningKeyRecord, list[SigningKeyRecord]]]:
    kept = keys.kept(tx, tenant_id)
    published = [key for key in kept if key.published_until is None or key.published_until > key.read_at]
    return [(key, published) for key in kept]


def _state(key: SigningKeyRecord, published: list[SigningKeyRecord]) -> str:
    if key not in published:
        return "withdrawn"
    if key is _signing(published, key.read_at):
        return "signs"
    return "waits" if key.signs_from > key.read_at and key.published_until is None else "published"


def _plan(authority: Authority, published: list[SigningKeyRecord], now: int) -> Rotation:
    signing = _signing(published, now) if published else None
    is_usable = signing is not None and _unlocked(authority.keyring, signing.private_key) is not None
    if is_usable and published[-1].signs_from > now:
        raise Refused(
            f"The key {published[-1].kid} is published and does not sign yet; "
            f"rotate again in {published[-1].signs_from - now} seconds."
        )
    signs_from = now + LEAD_SECONDS if is_usable else now
    if signing is None:
        return Rotation(None, signs_from, None, None)
    until = signing.published_until or _needed_until(authority, signs_from)
    return Rotation(None, signs_from, signing.kid, until)


def _needed_until(authority: Authority, replaced_at: int) -> int:
    """Give when the last token has expired that a key signed which was replaced at a time."""
    longest = max(authority.settings.id_token_seconds, LOGOUT_TOKEN_SECONDS)
    return replaced_at + longest + SKEW_SECONDS


def longest_sign_in_seconds(authority: Authority) -> int:
    """Give for how long an expired ID token may still say at a logout who is meant, in seconds.

    So long a session or a grant could be left.
    """
    return max(authority.settings.session_seconds, authority.settings.refresh_token_seconds)


def _published(authority: Authority, tenant_id: int) -> tuple[list[SigningKeyRecord], int]:
    """List the published keys, and give the store's time.

    Whoever finds none makes the first; of several at once just one does.
    """
    with authority.store.reading() as tx:
        found = keys.published(tx, tenant_id)
    if found:
        return found, found[0].read_at
    # Outside the transaction, as it takes long.
    made = _make(authority)

    def add_first(tx: Transaction) -> tuple[list[SigningKeyRecord], int]:
        now = keys.take_turn(tx, tenant_id)
        known = keys.published(tx, tenant_id)
        first = replace(made, created_at=now, signs_from=now)
        if not known:
            keys.add(tx, tenant_id, first)
        return known or [first], now

    return authority.store.transact(add_first)


def _signing(published: list[SigningKeyRecord], now: int) -> SigningKeyRecord:
    """Pick the newest of the keys whose time has come; the first one needs none, as clocks differ."""
    return [key for key in published if key.signs_from <= now or key is published[0]][-1]


def _make(authority: Authority) -> SigningKeyRecord:
    private = RSAKey.generate_key(BITS, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    return SigningKeyRecord(
        kid=str(private.kid),
        algorithm=ALGORITHM,
        public_jwk=json.dumps(private.as_dict(private=False)),
        private_key=authority.keyring.encrypt(_spelled(private)),
        created_at=0,
        signs_from=0,
        published_until=None,
    )


def _spelled(private: RSAKey) -> bytes:
    return json.dumps(private.as_dict(private=True)).encode()


@functools.lru_cache(maxsize=512)
def _unlocked(keyring: Keyring, encrypted: bytes) -> RSAKey | None:
    """Decrypt a key; None where no secret key fits. Kept, as it takes as long as fifty signatures."""
    spelled = keyring.decrypt(encrypted)
    return None if spelled is None else RSAKey.import_key(json.loads(spelled))
