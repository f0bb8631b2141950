"""Passwords: argon2id, a few at a time.

A hash takes 64 MiB and, on purpose, a good part of a second of a processor. So a process works on two at
once, lets two more wait briefly, and sends the rest away: a flood of sign-ins must not take the memory, the
threads or the processors that revocations need.
"""

import contextlib
import functools
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rescind.domain.people.hashing import Turns
from rescind.errors import BadValue, SignInThrottled

SHORTEST_CHARACTERS = 8
LONGEST_CHARACTERS = 1024
AT_ONCE = 2
WAITING = 2
WAIT_SECONDS = 0.5

# The second recommended option of RFC 9106 section 4: 64 MiB, three passes, four lanes.
_HASHER = PasswordHasher()


_turns = Turns(AT_ONCE, WAITING, WAIT_SECONDS)


def turn() -> contextlib.AbstractContextManager[None]:
    """Take this process's turn to look at a password, and hold it for a block.

    Raises:
        SignInThrottled: this process is too busy with others. Nothing was looked at.
    """
    return _turns.taken()


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


def hashed(password: str) -> str:
    """Make the hash under which a password is stored.

    Raises:
        BadValue: it can't be a password.
        SignInThrottled: this process is too busy with others.
    """
    normal = _normal(checked(password))
    with turn():
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

    A process that is too busy just now leaves it for the next time.
    """
    if not _HASHER.check_needs_rehash(stored):
        return None
    try:
        with turn():
            return _turns.work(_HASHER.hash, _normal(password))
    except SignInThrottled:
        return None


@functools.cache
def _dummy() -> str:
    """Give a hash that no password is known for, made with the parameters of every other."""
    return _turns.work(_HASHER.hash, secrets.token_urlsafe(32))


def _normal(password: str) -> bytes:
    """Give the same bytes for what was typed the same way on any keyboard (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
