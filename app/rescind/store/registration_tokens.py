"""Statements on `registration_tokens`: initial access tokens (RFC 7591 section 3)."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, LargeBinary, bindparam, delete, select, update

from rescind.store.activity import TENANT_ID
from rescind.store.clock import NOW
from rescind.store.engine import Store, Transaction
from rescind.store.granting import KEPT_SECONDS
from rescind.store.shapes import Shape
from rescind.store.statements import Statement, plain
from rescind.store.tables import registration_tokens as rows
from rescind.store.writes import Write, inserting


@dataclass(frozen=True, slots=True)
class RegistrationTokenRecord:
    """What lets clients register themselves: so often, until then."""

    digest: bytes
    uses_left: int
    created_at: int
    expires_at: int


_TOKEN = Shape(RegistrationTokenRecord, rows)
_DIGEST = bindparam("digest", type_=LargeBinary)
_EXPIRES_AT = NOW + bindparam("lifetime_seconds", type_=BigInteger)
_OF_TENANT = rows.c.tenant_id == TENANT_ID
_GOOD = (_OF_TENANT, rows.c.digest == _DIGEST, rows.c.expires_at > NOW, rows.c.uses_left > 0)
_BETWEEN = (_OF_TENANT, rows.c.digest >= _DIGEST, rows.c.digest <= bindparam("last", type_=LargeBinary))

_ADD = Write(
    inserting(
        rows,
        columns=["digest", "uses_left"],
        created_at=NOW,
        expires_at=_EXPIRES_AT,
        purge_at=_EXPIRES_AT + KEPT_SECONDS,
    ).returning(*_TOKEN.columns),
    shape=_TOKEN,
)
_FIND = plain(select(rows.c.digest).where(*_GOOD))
_USE = plain(update(rows).where(*_GOOD).values(uses_left=rows.c.uses_left - 1).returning(rows.c.digest))
_LIST = Statement(
    select(*_TOKEN.columns)
    .where(_OF_TENANT, rows.c.digest > bindparam("after", type_=LargeBinary))
    .order_by(rows.c.digest)
    .limit(bindparam("most", type_=BigInteger)),
    _TOKEN,
)
_FIND_BETWEEN = Statement(select(*_TOKEN.columns).where(*_BETWEEN), _TOKEN)
_DELETE = plain(delete(rows).where(*_BETWEEN).returning(rows.c.digest))


def add(
    store: Store, tenant_id: int, digest: bytes, *, uses: int, lifetime_seconds: int
) -> RegistrationTokenRecord:
    """Write a token, and commit."""
    values = {"digest": digest, "uses_left": uses, "lifetime_seconds": lifetime_seconds}
    made = store.write(_ADD, tenant_id=tenant_id, **values)
    assert made is not None  # noqa: S101
    return made


def is_good(tx: Transaction, tenant_id: int, digest: bytes) -> bool:
    """Tell whether a client may register itself with this token now."""
    return tx.first(_FIND, tenant_id=tenant_id, digest=digest) is not None


def use(tx: Transaction, tenant_id: int, digest: bytes) -> bool:
    """Use the token once. Gives whether it was good still: of two at once for the last use just one is."""
    return tx.first(_USE, tenant_id=tenant_id, digest=digest) is not None


def list_some(tx: Transaction, tenant_id: int, *, after: bytes, limit: int) -> list[RegistrationTokenRecord]:
    """List the tokens of a tenant that are kept, by digest, `limit` of them, from behind a digest on."""
    return tx.rows(_LIST, tenant_id=tenant_id, after=after, most=limit)


def find_between(tx: Transaction, tenant_id: int, first: bytes, last: bytes) -> list[RegistrationTokenRecord]:
    """Find the tokens whose digests are between these two, or one of them."""
    return tx.rows(_FIND_BETWEEN, tenant_id=tenant_id, digest=first, last=last)


def delete_between(tx: Transaction, tenant_id: int, first: bytes, last: bytes) -> int:
    """Delete the same. Gives how many there were."""
    return len(tx.rows(_DELETE, tenant_id=tenant_id, digest=first, last=last))
