"""Personal access tokens: a person makes one for a script of theirs, names it, and takes it back.

Their grants belong to a client of the tenant that is kept for them, as which nobody can authenticate. While
that is disabled, which is what turning them off does, none of them is active.
"""

import contextlib

from rescind.domain import names, resources
from rescind.domain.authority import Authority
from rescind.domain.registry import registration, suspending
from rescind.domain.revoking.epochs import Epochs
from rescind.domain.secrets import new_personal_token
from rescind.domain.tokens.issuing import Authorization, Draft, draft
from rescind.errors import BadValue, ClientDisabled, Refused, StoreUnavailable
from rescind.store import clients, grants, personal_tokens
from rescind.store.engine import Transaction
from rescind.store.people_records import PersonalTokenRecord
from rescind.store.records import ClientRecord, SessionRecord, TenantRecord, TokenRecord

CLIENT_ID = "personal-access-tokens"
CLIENT_NAME = "Personal access tokens"
LONGEST_DAYS = 365
MOST = 100
_DAY_SECONDS = 86_400


def turn_on(authority: Authority, tenant: TenantRecord, *, actor: str) -> None:
    """Let people of a tenant make them; those of before are active again that were not revoked.

    Raises:
        Refused: workers of the version before may be left, or another client has the id.
        StoreUnavailable: not known whether they may.
    """
    suspending.check_is_settled(authority)
    client = _find(authority, tenant)
    if client is None:
        made = _reserved()
        authority.store.transact(lambda tx: clients.create(tx, tenant.id, made))
    elif client.provenance != registration.RESERVED:
        raise Refused(f"The id {CLIENT_ID} is in use: a client has it that somebody has registered.")
    elif client.disabled_at is not None:
        suspending.enable(authority, tenant, CLIENT_ID, actor=actor)


def turn_off(authority: Authority, tenant: TenantRecord, *, actor: str) -> None:
    """Let nobody make one any more, and have none of them be active.

    Raises:
        StoreUnavailable: not known whether they are off.
    """
    if is_on(authority, tenant):
        suspending.disable(authority, tenant, CLIENT_ID, actor=actor)


def is_on(authority: Authority, tenant: TenantRecord) -> bool:
    """Tell whether people of a tenant may make them."""
    return is_open(_find(authority, tenant))


def is_open(client: ClientRecord | None) -> bool:
    """Tell the same by the client of that id, as a request has read it."""
    return client is not None and client.provenance == registration.RESERVED and client.disabled_at is None


def create(
    authority: Authority,
    tenant: TenantRecord,
    client: ClientRecord | None,
    session: SessionRecord,
    *,
    grant_id: str,
    name: str,
    scope: tuple[str, ...],
    days: int,
) -> str:
    """Make one, and commit.

    Args:
        client: that of `CLIENT_ID`, as the request has read it first; its epoch counts, and the tenant's.
        session: of the person, whose epoch counts too. The token outlives it.
        grant_id: for one token alone: whoever asks for another with it is refused.

    Returns:
        Its string, which is not kept and not shown again.

    Raises:
        BadValue: it can't be called so, may not have the scope, or lives too long; there are too
            many; or the grant is there already.
        ClientDisabled: they are off.
        StoreUnavailable: it is not known to exist.
    """
    if client is None or not is_open(client):
        raise ClientDisabled
    if not set(scope) <= set(client.scope):
        raise BadValue("A token may have no more than what is offered.")
    if not 1 <= days <= LONGEST_DAYS:
        raise BadValue(f"A token lives for a day at least and {LONGEST_DAYS} days at most.")
    authorization = Authorization(
        tenant_id=tenant.id,
        client_id=client.client_id,
        epochs=Epochs.carried_by(tenant, client, session.subject_epoch),
        scope=scope,
        subject=session.subject,
        # A page asks for no resource.
        audience=resources.or_default((), tenant),
    )
    token = new_personal_token()
    made = draft(
        authority,
        authorization,
        grant_id=grant_id,
        access_token_seconds=days * _DAY_SECONDS,
        access_token=token,
    )
    _add(authority, tenant, session.subject, made, names.display_name(name))
    return token


def _add(authority: Authority, tenant: TenantRecord, subject: str, made: Draft, name: str) -> None:
    def add(tx: Transaction) -> None:
        count = personal_tokens.count_locked(tx, tenant.id, subject)
        if grants.find(tx, tenant.id, made.grant.id) is not None:
            raise BadValue("The token of this form was made already: fill in the form anew for another.")
        if count >= MOST:
            raise BadValue(f"There are {MOST} tokens already: revoke one of them first.")
        if not personal_tokens.add(tx, tenant.id, made.grant, made.tokens, name):
            raise ClientDisabled

    authority.store.transact(add)


def list_of(authority: Authority, tenant: TenantRecord, subject: str) -> list[PersonalTokenRecord]:
    """List the active ones of a person, all of them, the newest first."""
    with authority.store.reading() as tx:
        return personal_tokens.list_of(tx, tenant.id, subject)


def note_use(authority: Authority, tenant_id: int, token: TokenRecord | None) -> None:
    """Note of a token that was just called active that it was used, if it is one of these.

    A store that does not take the note is no reason to refuse the token.
    """
    if token is None or token.grant.client_id != CLIENT_ID:
        return
    if token.used_at is None or token.used_at <= token.read_at - personal_tokens.NOTED_EVERY_SECONDS:
        with contextlib.suppress(StoreUnavailable):
            personal_tokens.note_use(authority.store, tenant_id, token.grant.id)


def _find(authority: Authority, tenant: TenantRecord) -> ClientRecord | None:
    with authority.store.reading() as tx:
        found = clients.find(tx, tenant.id, CLIENT_ID)
    return found if found is not None and found.deleted_at is None else None


def _reserved() -> ClientRecord:
    """Write down the client: confidential, and without anything by which it could authenticate."""
    values = registration.defaults(is_public=False) | {"name": CLIENT_NAME, "grant_types": ()}
    return ClientRecord(
        client_id=CLIENT_ID,
        is_public=False,
        secret_digest=None,
        epoch=0,
        created_at=0,
        deleted_at=None,
        disabled_at=None,
        provenance=registration.RESERVED,
        **values,
    )
