"""The public keys of a client, as people have them in a file; what is kept is a JWK set (RFC 7517).

A set of another server's holds keys for other things too. Those are passed over, as section 5 has it, and the
registration is refused where no key is left by which an assertion could be verified.
"""

import json
import warnings
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry, Key, RSAKey

from rescind.domain.registry import pem
from rescind.errors import BadValue

# What a client may sign its assertions with, by the type of the key and its curve.
_ALGORITHMS = {
    ("RSA", None): ("RS256", "PS256"),
    ("EC", "P-256"): ("ES256",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
ALGORITHMS = tuple(algorithm for each in _ALGORITHMS.values() for algorithm in each)
SHORTEST_RSA_BITS = 2048

_KINDS = "a JWK set, one JWK, or public keys or a certificate in PEM"
_OPERATIONS = {"verify", "sign"}
_MOST_TOLD = 3
_BYTE_ORDER_MARK = "\ufeff"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class _Unfit(Exception):
    """A key can't verify an assertion. The text says why, to complete "key 1 …"."""


def read(given: str | bytes) -> str:
    """Take the keys out of a file, and write the public parts of those that fit as a JWK set.

    Args:
        given: what the file holds: a JWK set, a list of keys, one key, or PEM.

    Raises:
        BadValue: it holds no key that fits. The text says what is wrong with it.
    """
    text = _text(given).removeprefix(_BYTE_ORDER_MARK).strip()
    if not text:
        raise BadValue(f"The key file is empty: it holds {_KINDS}.")
    found = pem.read(text) if pem.is_pem(text) else _members(text)
    fit: list[dict[str, Any]] = []
    unfit: list[str] = []
    for number, each in enumerate(found, start=1):
        try:
            fit.append(_public(each))
        except _Unfit as error:
            unfit.append(f"key {number} {error}")
    if not fit:
        raise BadValue(_none_fits(unfit))
    return json.dumps({"keys": fit}, separators=(",", ":"))


def stored(jwks: str) -> Iterator[Key]:
    """Give the keys of a set that is kept, but for those that can't be read (any more)."""
    for each in json.loads(jwks)["keys"]:
        try:
            yield JWKRegistry.import_key(each)
        except (JoseError, ValueError, TypeError, KeyError):
            continue


def has_own_id(key: Key) -> bool:
    """Tell whether a key came with an id. Earlier versions gave its thumbprint to one that had none."""
    return key.kid is not None and key.kid != key.thumbprint()


def _text(given: str | bytes) -> str:
    if isinstance(given, str):
        return given
    try:
        # As Windows PowerShell writes what it is told to put in a file.
        return given.decode("utf-16" if given.startswith(_UTF16_MARKS) else "utf-8")
    except UnicodeDecodeError:
        raise BadValue(f"The key file is not text in UTF-8: it holds {_KINDS}.") from None


def _members(text: str) -> list[Any]:
    """Take the keys out of JSON."""
    try:
        read: Any = json.loads(text)
    except RecursionError:
        raise BadValue("The keys are a JWK set in JSON, and this JSON is nested too deeply.") from None
    except ValueError as error:
        where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadValue(f"The key file is neither JSON{where} nor PEM: it holds {_KINDS}.") from None
    if isinstance(read, dict) and "kty" in read:
        return [read]
    members = read.get("keys") if isinstance(read, dict) else read
    if not isinstance(members, list):
        raise BadValue(f"The JSON of the key file is an object with a list named keys, or one key: {_KINDS}.")
    return members


def _public(member: Any) -> dict[str, Any]:
    """Check one key, and give its public part."""
    key = _imported(member)
    public: dict[str, Any] = dict(key.as_dict(private=False))
    if key.is_private:
        # What the private one may do does not hold for it.
        public.pop("key_ops", None)
    algorithms = _ALGORITHMS.get((public["kty"], public.get("crv")))
    if algorithms is None:
        raise _Unfit("is of a curve by which nothing is signed here")
    if isinstance(key, RSAKey) and key.public_key.key_size < SHORTEST_RSA_BITS:
        raise _Unfit(f"is RSA of less than {SHORTEST_RSA_BITS} bits (RFC 7518 section 3.3)")
    if public.get("use", "sig") != "sig" or not _OPERATIONS & set(public.get("key_ops", _OPERATIONS)):
        raise _Unfit("is not for signatures")
    if public.get("alg", algorithms[0]) not in algorithms:
        raise _Unfit("is for an algorithm that is not used here")
    return public


def _imported(member: Any) -> Key:
    if not isinstance(member, dict):
        raise _Unfit("is no JSON object")
    if member.get("kty") == "oct":
        # No passing over: it is a secret, and was taken for something that others may see.
        raise BadValue("The key file holds a symmetric key, which is a secret: give public keys alone.")
    if not isinstance(member.get("kty"), str) or member["kty"] not in JWKRegistry.key_types:
        raise _Unfit("has no type (kty) that is known here")
    try:
        with warnings.catch_warnings():
            # Of a weak key, which is refused in a sentence of our own.
            warnings.simplefilter("ignore", SecurityWarning)
            key = JWKRegistry.import_key(member)
            key.as_dict(private=False)
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm, JoseError):
        raise _Unfit("is incomplete or damaged") from None
    return key


def _none_fits(unfit: list[str]) -> str:
    if not unfit:
        return f"The key file holds no key: it holds {_KINDS}."
    told = "; ".join(unfit[:_MOST_TOLD]) + ("; …" if len(unfit) > _MOST_TOLD else "")
    return f"No key of the file is one of {', '.join(ALGORITHMS)}: {told}."
