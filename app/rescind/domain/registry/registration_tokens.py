"""Tokens that let clients register themselves: initial access tokens (RFC 7591 section 3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rescind.domain.authority import Authority
from rescind.domain.paging import PAGE_ROWS, pages
from rescind.domain.secrets import INITIAL_PREFIX, digest, new_initial_access_token
from rescind.errors import BadValue, NotFound
from rescind.store import registration_tokens as rows
from rescind.store.records import TenantRecord
from rescind.store.registration_tokens import RegistrationTokenRecord

LONGEST_SECONDS = 31_536_000
MOST_USES = 1_000_000
_ID_DIGITS = 16
_ID = re.compile(rf"[0-9a-f]{{{_ID_DIGITS}}}")
_DIGEST_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Made:
    """A token that was made just now: it is not kept and not shown again."""

    token: str = field(repr=False)
    record: RegistrationTokenRecord


def id_of(record: RegistrationTokenRecord) -> str:
    """Give what people call a token by: the first digits of its digest."""
    return record.digest.hex()[:_ID_DIGITS]


def create(authority: Authority, tenant: TenantRecord, *, uses: int, lifetime_seconds: int) -> Made:
    """Make a token with which so many clients can register themselves within that time, and commit.

    Raises:
        BadValue: it would be good for no use, or for too long.
    """
    if not 1 <= uses <= MOST_USES:
        raise BadValue(f"A registration token is for 1 to {MOST_USES} uses.")
    if not 1 <= lifetime_seconds <= LONGEST_SECONDS:
        raise BadValue(f"A registration token is good for 1 to {LONGEST_SECONDS} seconds.")
    token = new_initial_access_token()
    record = rows.add(authority.store, tenant.id, digest(token), uses=uses, lifetime_seconds=lifetime_seconds)
    return Made(token, record)


def list_all(authority: Authority, tenant: TenantRecord) -> Iterator[RegistrationTokenRecord]:
    """List the tokens of a tenant that are kept, used up ones too, read page by page."""

    def page(after: bytes) -> list[RegistrationTokenRecord]:
        with authority.store.reading() as tx:
            return rows.list_some(tx, tenant.id, after=after, limit=PAGE_ROWS)

    return pages(page, lambda record: record.digest, b"")


def get(authority: Authority, tenant: TenantRecord, named: str) -> RegistrationTokenRecord:
    """Find a token by itself or by its id.

    Raises:
        BadValue: it is named by neither.
        NotFound: there is no such token.
    """
    with authority.store.reading() as tx:
        found = rows.find_between(tx, tenant.id, *_between(named))
    if not found:
        raise _missing(tenant)
    return found[0]


def delete(authority: Authority, tenant: TenantRecord, named: str) -> None:
    """Take a token away, so that nobody registers with it any more. Who has done so stays.

    Raises:
        BadValue: it is named by neither itself nor its id.
        NotFound: there is no such token.
    """
    between = _between(named)
    if not authority.store.transact(lambda tx: rows.delete_between(tx, tenant.id, *between)):
        raise _missing(tenant)


def _between(named: str) -> tuple[bytes, bytes]:
    """Give the digests between which it is: an id is how they begin."""
    if named.startswith(INITIAL_PREFIX):
        return digest(named), digest(named)
    if not _ID.fullmatch(named):
        raise BadValue(
            f"A registration token is named by itself or by its id, {_ID_DIGITS} digits of 0-9 a-f."
        )
    return bytes.fromhex(named.ljust(_DIGEST_DIGITS, "0")), bytes.fromhex(named.ljust(_DIGEST_DIGITS, "f"))


def _missing(tenant: TenantRecord) -> NotFound:
    return NotFound(f"There is no such registration token in the tenant {tenant.name}.")
