"""Passwords: argon2id, a few at a time.

A hash takes 64 MiB and, on purpose, a good part of a second of a processor. So a process works on two at
once, on one where it has fewer than eight threads, and sends the rest away at once: a flood of sign-ins must
not take the memory, the threads or the processors that revocations need.
"""

import base64
import contextlib
import functools
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from rescind.domain.people.hashing import Turns
from rescind.errors import BadValue

SHORTEST_CHARACTERS = 8
LONGEST_CHARACTERS = 1024
AT_ONCE = 2

# The second recommended option of RFC 9106 section 4: 64 MiB, three passes, four lanes.
_HASHER = PasswordHasher()
_turns = Turns(AT_ONCE)


def demand_turn(threads: int) -> None:
    """Look whether a turn could be had just now; see `turn`.

    Raises:
        TooBusy: this process is too busy with others.
    """
    _turns.demand(threads)


def turn(threads: int) -> contextlib.AbstractContextManager[None]:
    """Take a turn of this process to look at a password, and hold it for a block.

    Args:
        threads: how many threads of this process serve requests. A quarter of them may be here.

    Raises:
        TooBusy: this process is too busy with others. Nothing was looked at.
    """
    return _turns.taken(threads)


def checked(password: str) -> str:
    """Check a password that is to be set.

    Raises:
        BadValue: it is too short or too long, or can't be typed into a form.
    """
    is_text = all(unicodedata.category(character) not in {"Cc", "Cs"} for character in password)
    if not is_text or not SHORTEST_CHARACTERS <= len(password) <= LONGEST_CHARACTERS:
        raise BadValue(
            f"A password is {SHORTEST_CHARACTERS} to {LONGEST_CHARACTERS} characters "
            "without control characters."
        )
    return password


def hashed(password: str, threads: int) -> str:
    """Make the hash under which a password is stored.

    Args:
        threads: as `turn` takes it.

    Raises:
        BadValue: it can't be a password.
        TooBusy: this process is too busy with others.
    """
    normal = _normal(checked(password))
    with turn(threads):
        return _turns.work(_HASHER.hash, normal)


def is_password(password: str, stored: str | None) -> bool:
    """Tell whether a password is the one that is stored, in the same time for every answer.

    The caller holds its `turn`.

    Args:
        stored: None for a user who is unknown or has no password. The work is done all the same.
    """
    typed = _normal(password[: LONGEST_CHARACTERS + 1])
    try:
        is_right = _turns.work(_HASHER.verify, stored or _dummy(), typed)
    except (VerificationError, InvalidHashError):
        return False
    return is_right and stored is not None


def rehashed(password: str, stored: str) -> str | None:
    """Hash a password that was right anew, if its hash was made with other parameters than those of today.

    The caller holds its `turn`.
    """
    if not _HASHER.check_needs_rehash(stored):
        return None
    return _turns.work(_HASHER.hash, _normal(password))


@functools.cache
def _dummy() -> str:
    """Give a hash that no password is known for, as every other but for what is random in it.

    It is not computed: the first to ask for somebody who is not there would wait for that as well.
    """
    made = _HASHER
    costs = f"m={made.memory_cost},t={made.time_cost},p={made.parallelism}"
    salt, key = (_encoded(secrets.token_bytes(length)) for length in (made.salt_len, made.hash_len))
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${key}"


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def _normal(password: str) -> bytes:
    """Give the same bytes for what was typed the same way on any keyboard (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
