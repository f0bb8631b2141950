"""Public keys in PEM (RFC 7468), as the members of a JWK set would be."""

import re
import warnings
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from rescind.errors import BadValue

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATE = "CERTIFICATE"
# Stands before a key that names its curve itself.
_IGNORED = {"EC PARAMETERS"}


def is_pem(text: str) -> bool:
    """Tell whether a file is in PEM; what stands before the first block, as OpenSSL writes it, is no part."""
    return "-----BEGIN " in text and not text.startswith(("{", "["))


def read(text: str) -> list[dict[str, Any]]:
    """Take the keys out of a file, of private ones the public part.

    Of several certificates the first alone counts: behind it stand those of its issuers, who are to sign
    nothing in the name of the client.

    Raises:
        BadValue: a block can't be read.
    """
    blocks = [(found[1], found[0]) for found in _BLOCK.finditer(text) if found[1] not in _IGNORED]
    if not blocks:
        raise BadValue("The PEM of the key file is cut: a block has no end.")
    kept: list[tuple[str, str]] = []
    for label, block in blocks:
        if label != _CERTIFICATE or all(each != _CERTIFICATE for each, _ in kept):
            kept.append((label, block))
    return [_jwk(label, block.encode()) for label, block in kept]


def _jwk(label: str, block: bytes) -> dict[str, Any]:
    try:
        key = _loaded(label, block)
        with warnings.catch_warnings():
            # Of a weak key, which is refused in a sentence of our own.
            warnings.simplefilter("ignore", SecurityWarning)
            if isinstance(key, RSAPublicKey):
                return dict(RSAKey.import_key(key).as_dict(private=False))
            if isinstance(key, EllipticCurvePublicKey):
                return dict(ECKey.import_key(key).as_dict(private=False))
            return dict(OKPKey.import_key(key).as_dict(private=False))
    except TypeError:
        # So the library says that a key wants a password.
        raise BadValue("The key file is encrypted: give the public key, which needs no password.") from None
    except (ValueError, KeyError, AttributeError, UnsupportedAlgorithm, JoseError):
        raise BadValue(f"The block {label} of the key file can't be read.") from None


def _loaded(label: str, block: bytes) -> Any:
    if label == _CERTIFICATE:
        return load_pem_x509_certificate(block).public_key()
    if label.endswith("PRIVATE KEY"):
        return load_pem_private_key(block, password=None).public_key()
    return load_pem_public_key(block)
