"""Token strings, client secrets and ids: how they are made, and what of them is kept.

A token carries 256 random bits behind a prefix that secret scanners can find, and a checksum by which they
can tell a real one. Its alphabet is `[A-Za-z0-9._~-]`: nothing in it needs encoding anywhere, and it begins
with a letter, so that no command line takes it for an option.
"""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from rescind.domain import refresh_tokens
from rescind.domain.spelling import BASE62, mac, spell
from rescind.store.records import PresentedToken

ACCESS_PREFIX = "rat_"
SECRET_PREFIX = "rcs_"
CODE_PREFIX = "rac_"
INITIAL_PREFIX = "rit_"
REGISTRATION_PREFIX = "rct_"
DEVICE_PREFIX = "rdc_"
PERSONAL_PREFIX = "rpt_"

SALT_BYTES = 32
_DIGEST_BYTES = hashlib.sha256().digest_size
_KEY_MARK_BYTES = 8
_KEY_DIGEST_BYTES = 16
_TOKEN_BYTES = 32
_CLIENT_ID_LETTERS = 28
_ID_RANDOM_LETTERS = 17


def new_access_token() -> str:
    """Make an opaque access token."""
    return spell(ACCESS_PREFIX, secrets.token_bytes(_TOKEN_BYTES))


def new_code() -> str:
    """Make an authorization code."""
    return spell(CODE_PREFIX, secrets.token_bytes(_TOKEN_BYTES))


def new_device_code() -> str:
    """Make a device code."""
    return spell(DEVICE_PREFIX, secrets.token_bytes(_TOKEN_BYTES))


def new_personal_token() -> str:
    """Make a personal access token."""
    return spell(PERSONAL_PREFIX, secrets.token_bytes(_TOKEN_BYTES))


def new_client_secret() -> str:
    """Make a client secret."""
    return spell(SECRET_PREFIX, secrets.token_bytes(_TOKEN_BYTES))


def new_initial_access_token() -> str:
    """Make what lets a client register itself (RFC 7591 section 1.2)."""
    return spell(INITIAL_PREFIX, secrets.token_bytes(_TOKEN_BYTES))


def new_registration_access_token() -> str:
    """Make that by which a client changes what it registered (RFC 7592 section 1.2)."""
    return spell(REGISTRATION_PREFIX, secrets.token_bytes(_TOKEN_BYTES))


def new_client_id() -> str:
    """Make a client id: letters and digits only."""
    return "".join(secrets.choice(BASE62) for _ in range(_CLIENT_ID_LETTERS))


def new_id() -> str:
    """Make the id of a row. Later ids sort behind earlier ones, so that an index grows at its end.

    Like UUIDv7 with the fraction of the millisecond behind it (RFC 9562 section 6.2, method 3): what one
    process makes is in the order of its making, a receiver's messages too.
    """
    return f"{(time.time_ns() << 12) // 1_000_000:015x}{secrets.token_hex(9)[:_ID_RANDOM_LETTERS]}"


def new_salt() -> bytes:
    """Make the salt of a rotation."""
    return secrets.token_bytes(SALT_BYTES)


def digest(token: str) -> bytes:
    """Give the SHA-256 digest under which a token is stored. Any string has one."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and a refresh token that were made together."""

    access_token: str
    refresh_token: str


class Keyring:
    """The keys derived from `RESCIND_SECRET_KEY`. The first, the newest, makes; all of them check.

    Attributes:
        digests: of the secret keys, in their order.
        is_recognised: whether the store is known to know them, see `registry.secret_keys`.
        made_at: when development made the key for itself; None where it was set.
        looked_at: when that was looked at, by the monotonic clock.
    """

    def __init__(self, secret_keys: tuple[str, ...]) -> None:
        self._for_secrets = [_derive(key, b"rescind client secrets") for key in secret_keys]
        self._for_successors = [_derive(key, b"rescind successors of refresh tokens") for key in secret_keys]
        self._for_marks = [_derive(key, b"rescind marks of refresh tokens") for key in secret_keys]
        # Says which key made a digest, so that it is known which one is still needed.
        marks = [_derive(key, b"rescind digests made by this key")[:_KEY_MARK_BYTES] for key in secret_keys]
        self._key_marks = marks
        # What the store knows them by.
        derived = [_derive(key, b"rescind digests of secret keys") for key in secret_keys]
        self.digests = tuple(dict.fromkeys(each[:_KEY_DIGEST_BYTES].hex() for each in derived))
        self.is_recognised = False
        self.made_at: float | None = None
        self.looked_at = 0.0
        derived = [_derive(key, b"rescind private parts of signing keys") for key in secret_keys]
        self._for_signing_keys = [Fernet(base64.urlsafe_b64encode(key)) for key in derived]

    def secret_digest(self, secret: str, *, is_marked: bool = True) -> bytes:
        """Give the digest under which a client secret is stored.

        Args:
            is_marked: whether it says which key made it, which earlier versions do not understand.
        """
        made = mac(self._for_secrets[0], secret.encode())
        return made + self._key_marks[0] if is_marked else made

    def is_secret(self, secret: str, stored: bytes | None) -> bool:
        """Tell whether a client secret is the one that is stored, in the same time for every answer.

        Args:
            stored: None for a client that is unknown or has no secret. The work is done all the same.
        """
        known = stored[:_DIGEST_BYTES] if stored is not None else bytes(_DIGEST_BYTES)
        matches = [hmac.compare_digest(mac(key, secret.encode()), known) for key in self._for_secrets]
        return any(matches) and stored is not None

    def is_of_first_key(self, stored: bytes) -> bool:
        """Tell whether the digest of a client secret says that the first key made it."""
        return hmac.compare_digest(stored[_DIGEST_BYTES:], self._key_marks[0])

    def is_marked(self, stored: bytes) -> bool | None:
        """Tell whether the digest of a client secret says that one of these made it; None: says nothing."""
        mark = stored[_DIGEST_BYTES:]
        return mark in self._key_marks if mark else None

    def new_refresh_token(self, grant_id: str, generation: int | None) -> str:
        """Make the first refresh token of a grant; without a number, one as earlier versions make them."""
        return refresh_tokens.spelled(
            self._for_marks[0], grant_id, generation, secrets.token_bytes(_TOKEN_BYTES)
        )

    def successors(
        self, refresh_token: str, salt: bytes, grant_id: str, generation: int | None
    ) -> list[TokenPair]:
        """Give the pair that follows a refresh token, one for each key, the newest key's first.

        Neither the store alone (it has the salt and digests) nor the old token alone gives the pair, and
        yet the server can say it again to whoever presents the old token.

        Args:
            generation: the number of the new refresh token; None for one as earlier versions make them.
        """
        pairs = []
        for key, mark in zip(self._for_successors, self._for_marks, strict=True):
            seed = mac(key, salt + refresh_token.encode())
            access_token = spell(ACCESS_PREFIX, mac(seed, b"access token"))
            value = mac(seed, b"refresh token")
            numbered = (mark, grant_id, generation, value)
            pairs.append(TokenPair(access_token, refresh_tokens.spelled(*numbered)))
        return pairs

    def presented(self, token: str) -> PresentedToken:
        """Read a token as it was shown: any string, from wherever.

        What a refresh token says of itself is only taken for true where it has our mark; the grant that it
        names is looked at in any case, since its digest alone can prove it.
        """
        found = refresh_tokens.read(self._for_marks, token)
        return PresentedToken(digest(token), *found) if found else PresentedToken(digest(token))

    def encrypt(self, private: bytes) -> bytes:
        """Encrypt the private part of a signing key."""
        return self._for_signing_keys[0].encrypt(private)

    def decrypt(self, encrypted: bytes) -> bytes | None:
        """Decrypt the private part of a signing key; None where none of the keys has encrypted it."""
        return _decrypted(MultiFernet(self._for_signing_keys), encrypted)

    def is_encrypted_by_older(self, encrypted: bytes) -> bool:
        """Tell of what could be decrypted whether an older key had encrypted it."""
        return _decrypted(self._for_signing_keys[0], encrypted) is None


def _decrypted(fernet: Fernet | MultiFernet, encrypted: bytes) -> bytes | None:
    try:
        return fernet.decrypt(encrypted)
    except InvalidToken:
        return None


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return mac(secret_key.encode(), purpose)
