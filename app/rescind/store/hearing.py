"""Who hears that a session or all of a subject's have ended: rows of the outbox, written with the event.

A client hears of it that was given something in the session or about the subject, which its row in
`session_clients` says, and that listens when it ends. What that costs does not depend on how many clients or
grants there are.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    literal_column,
    null,
    select,
    union,
)

from rescind.store.activity import SESSION_JOINED, TENANT_ID, session_ended
from rescind.store.clock import NOW
from rescind.store.engine import Transaction
from rescind.store.spellings import is_spelled
from rescind.store.statements import plain
from rescind.store.tables import authorization_codes as codes
from rescind.store.tables import clients, deliveries, grants, session_clients, sessions
from rescind.store.writes import Condition, Consequence

_THIS = bindparam("this", type_=Text)
_WRITTEN = ("tenant_id", "event_id", "client_id", "subject", "session_sid", "attempts", "next_at")

_ENDED_WITH_SUBJECT = plain(
    select(sessions.c.sid)
    .select_from(
        SESSION_JOINED.join(
            session_clients,
            and_(
                session_clients.c.tenant_id == TENANT_ID,
                session_clients.c.session_sid == sessions.c.sid,
                session_clients.c.client_id == bindparam("receiver", type_=Text),
                session_clients.c.subject == bindparam("of_subject", type_=Text),
            ),
        )
    )
    # Of those that ended each by itself, the client was told.
    .where(sessions.c.tenant_id == TENANT_ID, sessions.c.ended_at.is_(None), session_ended)
    .order_by(sessions.c.sid)
    .limit(bindparam("most", type_=BigInteger))
)


def ended_with_subject(
    tx: Transaction, tenant_id: int, subject: str, client_id: str, *, limit: int
) -> list[str]:
    """List the sessions in which a client was given something, and that ended with all of their subject's."""
    values = {"of_subject": subject, "receiver": client_id, "most": limit}
    return [sid for (sid,) in tx.rows(_ENDED_WITH_SUBJECT, tenant_id=tenant_id, **values)]


def of_session(*, is_settled: bool) -> Consequence:
    """Write a row for each client that is to hear of a session's end: that was given something in it.

    Args:
        is_settled: whether all that was given is in `session_clients`. Workers of the version before do not
            write there; what they redeemed is found by the grants and codes of the session.
    """
    given = [_given(session_clients, session_clients.c.session_sid == _THIS)]
    if not is_settled:
        given += [
            _given(grants, grants.c.session_sid == _THIS),
            # A grant that outlives its session does not name it. The code that it came by does.
            _given(codes, and_(codes.c.session_sid == _THIS, codes.c.redeemed_at.is_not(None))),
        ]
    return _telling(given, _THIS)


def of_subject(*, is_settled: bool) -> Consequence:
    """Write a row for each client that is to hear that all of a subject's have ended."""
    given = [_given(session_clients, is_spelled(session_clients.c.subject))]
    if not is_settled:
        given.append(_given(grants, is_spelled(grants.c.subject)))
    return _telling(given, null())


def _given(table: Table, whose: ColumnElement[bool]) -> Select[Any]:
    return select(table.c.client_id, table.c.subject).where(table.c.tenant_id == TENANT_ID, whose)


def _telling(given: list[Select[Any]], session_sid: ColumnElement[Any]) -> Consequence:
    hearing = union(*given).subquery("hearing") if len(given) > 1 else given[0].distinct().subquery("hearing")
    listens = and_(
        clients.c.tenant_id == TENANT_ID,
        clients.c.client_id == hearing.c.client_id,
        clients.c.deleted_at.is_(None),
        clients.c.backchannel_logout_uri.is_not(None),
    )
    event_id = bindparam("event_id", type_=Text)
    attempts = literal_column("0", BigInteger)

    def tell(condition: Condition, insert: Any) -> Any:
        told = select(
            TENANT_ID, event_id, hearing.c.client_id, hearing.c.subject, session_sid, attempts, NOW
        ).select_from(hearing.join(clients, listens))
        statement = insert(deliveries).from_select(
            list(_WRITTEN), told.where(condition), include_defaults=False
        )
        # An end does not fail for a client that would hear of it twice.
        return statement.on_conflict_do_nothing()

    return tell
