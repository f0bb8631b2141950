"""Token strings: their alphabet, their checksum, and the keys of which the newest makes and all check."""

import base64
import hashlib
import hmac
import re
import string
import zlib
from collections.abc import Callable

import pytest

from rescind.domain import secrets
from rescind.domain.secrets import Keyring, TokenPair

OLD, NEW = "the-old-secret-key-0123456789", "the-new-secret-key-0123456789"
SALT = bytes(range(32))
GRANT = "0123456789abcdef0123456789abcdef"
MAKERS = {
    "rat_": secrets.new_access_token,
    # As earlier versions made them, and as they are made while workers of those are left.
    "rrt_": lambda: Keyring((NEW,)).new_refresh_token(secrets.new_id(), None),
    "rcs_": secrets.new_client_secret,
    "rac_": secrets.new_code,
    "rit_": secrets.new_initial_access_token,
    "rct_": secrets.new_registration_access_token,
}
every_kind = pytest.mark.parametrize(("prefix", "make"), MAKERS.items(), ids=MAKERS)


def successors(token: str, *keys: str, salt: bytes = SALT) -> list[TokenPair]:
    """Give what follows a refresh token, as the second of its grant."""
    return Keyring(keys or (NEW,)).successors(token, salt, GRANT, 1)


def checksum(text: str) -> str:
    """Work the last six letters out as a secret scanner would: CRC-32 in base 62, zeros in front."""
    letters = string.digits + string.ascii_letters
    number = zlib.crc32(text.encode())
    return "".join(letters[number // 62**power % 62] for power in range(5, -1, -1))


@pytest.mark.requirement("TOK-04")
@every_kind
def test_a_string_is_prefix_random_bits_and_checksum(prefix: str, make: Callable[[], str]) -> None:
    made = make()

    body, last = made[4:-6], made[-6:]
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]{52}", made)
    assert made.startswith(prefix)
    assert len(base64.urlsafe_b64decode(f"{body}=")) == 32
    assert last == checksum(prefix + body)


@pytest.mark.requirement("TOK-04")
@every_kind
def test_no_two_strings_are_alike(prefix: str, make: Callable[[], str]) -> None:
    made = {make() for _ in range(1000)}

    assert len(made) == 1000
    # Were any of the random bits fixed, some letter would stand at some place in all of them.
    assert all(len({text[place] for text in made}) > 1 for place in range(4, 53))


def test_a_checksum_tells_a_real_token_from_a_likeness() -> None:
    token = secrets.new_access_token()

    likeness = f"{token[:10]}!{token[11:]}"

    assert checksum(likeness[:-6]) != likeness[-6:]


def test_client_ids_are_letters_and_digits_and_never_alike() -> None:
    made = {secrets.new_client_id() for _ in range(1000)}

    assert len(made) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9]{20,255}", client_id) for client_id in made)


@pytest.mark.parametrize("token", ["", "rat_x", "\N{SNOWMAN}", "\0", "\ud800", "a" * 5000], ids=ascii)
def test_every_string_has_a_digest(token: str) -> None:
    digest = secrets.digest(token)

    assert digest == hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def test_a_client_secret_is_checked_by_its_digest() -> None:
    keyring = Keyring((NEW,))

    stored = keyring.secret_digest("right")

    assert keyring.is_secret("right", stored)
    assert not keyring.is_secret("wrong", stored)
    assert not keyring.is_secret("", stored)
    assert stored != hashlib.sha256(b"right").digest()


@pytest.mark.parametrize("secret", ["", "anything", "\0" * 32], ids=ascii)
def test_a_client_without_a_secret_has_no_right_one(secret: str) -> None:
    assert not Keyring((NEW, OLD)).is_secret(secret, None)


def test_a_digest_of_an_older_key_is_still_checked() -> None:
    stored = Keyring((OLD,)).secret_digest("right")

    renewed = Keyring((NEW, OLD))

    assert renewed.is_secret("right", stored)
    assert not renewed.is_secret("wrong", stored)


def test_a_digest_is_made_with_the_newest_key() -> None:
    stored = Keyring((NEW, OLD)).secret_digest("right")

    assert stored == Keyring((NEW,)).secret_digest("right")
    assert not Keyring((OLD,)).is_secret("right", stored)


def test_a_digest_says_whether_the_first_key_made_it() -> None:
    stored = Keyring((OLD,)).secret_digest("right")

    assert Keyring((OLD, NEW)).is_of_first_key(stored)
    assert not Keyring((NEW, OLD)).is_of_first_key(stored)
    assert not Keyring((OLD,)).is_of_first_key(Keyring((OLD,)).secret_digest("right", is_marked=False))


def test_a_digest_of_an_earlier_version_is_still_checked() -> None:
    stored = Keyring((OLD,)).secret_digest("right", is_marked=False)

    assert len(stored) == 32
    assert Keyring((NEW, OLD)).is_secret("right", stored)
    assert not Keyring((NEW, OLD)).is_secret("wrong", stored)


def test_a_key_that_was_taken_away_checks_nothing_more() -> None:
    stored = Keyring((OLD,)).secret_digest("right")

    assert not Keyring((NEW,)).is_secret("right", stored)


def test_successors_are_the_same_again_and_look_like_any_token() -> None:
    token = Keyring((NEW,)).new_refresh_token(GRANT, 0)

    (pair,) = successors(token)

    assert successors(token) == [pair]
    assert re.fullmatch(r"rat_[A-Za-z0-9_-]{49}", pair.access_token)
    assert re.fullmatch(r"rrt_[A-Za-z0-9_-]{97}", pair.refresh_token)
    assert checksum(pair.access_token[:-6]) == pair.access_token[-6:]
    assert pair.access_token[4:-6] != pair.refresh_token[4:-6]


@pytest.mark.parametrize(
    ("key", "token", "salt"),
    [(OLD, "rrt_a", SALT), (NEW, "rrt_b", SALT), (NEW, "rrt_a", SALT[::-1])],
    ids=["another-key", "another-token", "another-salt"],
)
def test_successors_follow_from_key_token_and_salt_together(key: str, token: str, salt: bytes) -> None:
    (pair,) = successors("rrt_a")

    (other,) = successors(token, key, salt=salt)

    assert pair.access_token != other.access_token
    assert pair.refresh_token != other.refresh_token


def test_every_key_has_its_successors_the_newest_first() -> None:
    assert successors("rrt_a", NEW, OLD) == [*successors("rrt_a", NEW), *successors("rrt_a", OLD)]


def test_the_keys_for_secrets_and_for_successors_are_different() -> None:
    token, keyring = "rrt_a", Keyring((NEW,))

    (pair,) = keyring.successors(token, SALT, GRANT, None)

    # With one key for both, the stored digest of a chosen secret would be the seed of somebody's successors.
    seed = keyring.secret_digest((SALT + token.encode()).decode(), is_marked=False)
    guessed = base64.urlsafe_b64encode(hmac.digest(seed, b"refresh token", "sha256")).rstrip(b"=")
    assert guessed.decode() not in pair.refresh_token
