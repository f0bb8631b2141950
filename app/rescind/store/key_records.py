"""A signing key as statements give it back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SigningKeyRecord:
    """A signing key; `private_key` is encrypted, and `read_at` is the store's time when it was read."""

    kid: str
    algorithm: str
    public_jwk: str
    private_key: bytes
    created_at: int
    signs_from: int
    published_until: int | None
    read_at: int = 0
