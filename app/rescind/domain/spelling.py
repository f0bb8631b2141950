"""How a secret value is written: a prefix, the value, and a checksum, in letters that need no encoding."""

import base64
import hashlib
import hmac
import string
import zlib

BASE62 = string.digits + string.ascii_letters
CHECKSUM_LETTERS = 6


def mac(key: bytes, message: bytes) -> bytes:
    """Give the HMAC-SHA-256 of a message."""
    return hmac.digest(key, message, hashlib.sha256)


def spell(prefix: str, value: bytes) -> str:
    """Write a value down."""
    body = base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    return f"{prefix}{body}{_checksum(prefix + body)}"


def unspell(prefix: str, text: str, size_bytes: int) -> bytes | None:
    """Read a value of this size; None where the text is none that was written so."""
    body, checksum = text[:-CHECKSUM_LETTERS], text[-CHECKSUM_LETTERS:]
    if not text.startswith(prefix) or not text.isascii() or _checksum(body) != checksum:
        return None
    encoded = body.removeprefix(prefix)
    try:
        value = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    return value if len(value) == size_bytes else None


def _checksum(text: str) -> str:
    number, letters = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LETTERS):
        number, digit = divmod(number, len(BASE62))
        letters = BASE62[digit] + letters
    return letters
