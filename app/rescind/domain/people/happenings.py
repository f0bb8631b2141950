"""What happened of late to what a subject has given: the newest of the record, in words."""

from dataclasses import dataclass

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.revoking import causes
from rescind.store import audit, clients
from rescind.store.engine import Transaction
from rescind.store.records import EventRecord, TenantRecord

MOST = 10
# Behind every event that there is.
_END = (2**62, "")
_SAID = {
    causes.LOGOUT: "A session was signed out.",
    causes.SIGN_OUT_EVERYWHERE: "Everything was signed out.",
    causes.ACCESS_REMOVED: "Access was taken away from {client}.",
    causes.PASSWORD_CHANGED: "The password was changed.",
    causes.USER_DISABLED: "The account was closed.",
    causes.REVOCATION_ENDPOINT: "{client} gave access back.",
    causes.REFRESH_TOKEN_REUSE: "{client} showed a key twice, as if it was stolen: its access has ended.",
    causes.CODE_REPLAY: "{client} came back twice from one sign-in, as a thief would: its access has ended.",
    causes.OPERATOR: "An operator ended access.",
}
_UNKNOWN = "Access has ended."


@dataclass(frozen=True, slots=True)
class Happening:
    """One of them, when it was and in a sentence."""

    at: int
    text: str


def recent(authority: Authority, tenant: TenantRecord, subject: str) -> list[Happening]:
    """List what happened last to a subject, the newest first.

    Raises:
        StoreUnavailable: the store did not answer.
    """
    with authority.store.reading() as tx:
        events = audit.list_some(
            tx,
            tenant.id,
            subject=subject,
            client_id=None,
            cause=None,
            since=0,
            before=_END,
            limit=MOST,
        )
        known = {each.client_id for each in events}
        named = {client_id: _name(tx, tenant.id, client_id) for client_id in known}
    return [Happening(each.at, _told(each, named[each.client_id])) for each in events]


def _name(tx: Transaction, tenant_id: int, client_id: str | None) -> str:
    if client_id is None:
        return "an app"
    client = clients.find(tx, tenant_id, client_id)
    return names.name_to_show(client.name if client is not None else None, client_id)


def _told(event: EventRecord, client: str) -> str:
    said = _SAID.get(event.cause, _UNKNOWN).format(client=client)
    return said[:1].upper() + said[1:]
