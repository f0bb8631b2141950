"""The two values of PKCE (RFC 7636) and how one is got from the other. S256 alone."""

import base64
import hashlib
import hmac
import re

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


def is_verifier(value: str) -> bool:
    """Tell whether a string could be a code verifier (section 4.1)."""
    return _VERIFIER.fullmatch(value) is not None


def is_challenge(value: str) -> bool:
    """Tell whether a string could be a code challenge of S256 (section 4.2)."""
    return _CHALLENGE.fullmatch(value) is not None


def challenge_of(verifier: str) -> str:
    """Give the S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def matches(verifier: str, challenge: str) -> bool:
    """Tell whether the verifier is the one behind the challenge (section 4.6)."""
    can_match = is_verifier(verifier) and is_challenge(challenge)
    return can_match and hmac.compare_digest(challenge_of(verifier), challenge)
