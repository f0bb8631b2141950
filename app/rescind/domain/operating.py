"""What an operator may do without asking a subject: issue tokens."""

from collections.abc import Iterator, Sequence

from rescind.domain import names, resources
from rescind.domain.authority import Authority
from rescind.domain.registry.registration import RESERVED
from rescind.domain.revoking.epochs import Epochs, of_subject
from rescind.domain.tokens.issuing import Authorization, IssuedTokens
from rescind.domain.tokens.issuing import issue as issue_tokens
from rescind.errors import BadValue, ClientDisabled, NotFound, Refused
from rescind.store import admission, clients, users
from rescind.store.engine import Transaction

BATCH_GRANTS = 1000


def issue(
    authority: Authority,
    tenant_name: str,
    client_id: str,
    *,
    subject: str | None,
    scope: str,
    expires_in: int | None,
    count: int,
    audience: Sequence[str] = (),
) -> Iterator[IssuedTokens]:
    """Issue tokens, each in a grant of its own, in batches that are committed before they are given.

    Args:
        subject: None where the client acts for itself; then none of the tokens is refreshable.
        scope: all of the client's where it is empty.
        expires_in: lifetime of the access tokens in seconds, instead of the one that is set.
        audience: the resources that they are meant for; the tenant's default where there is none.

    Raises:
        NotFound: there is no such client, or its tenant is missing or disabled.
        BadValue: the subject or the scope can't be so.
        ClientDisabled: the client is.
        Refused: the subject is a user who is disabled, or the client is that of personal access tokens, which
            people make for themselves.
        TargetRefused: no resource server answers for such a resource.
        StoreUnavailable: the batch under way is not known to exist.
    """
    admitted = admission.admit(
        authority.store,
        names.tenant_name(tenant_name),
        names.client_id(client_id),
        asked_for=resources.possible(audience),
    )
    if admitted is None or admitted.client is None:
        raise NotFound(f"There is no client {client_id} in an open tenant {tenant_name}.")
    tenant, client = admitted.tenant, admitted.client
    if client.disabled_at is not None:
        raise ClientDisabled
    if client.provenance == RESERVED:
        raise Refused("Personal access tokens are made by people themselves, on their account page.")
    subject_epoch = 0
    if subject is not None:
        subject = names.subject(subject)
        with authority.store.reading() as tx:
            _check_no_client(tx, tenant.id, subject)
        # Before it is looked whether the user is disabled: who is disabled after that ends what carries it.
        subject_epoch = of_subject(authority, tenant.id, subject)
        with authority.store.reading() as tx:
            _check_not_disabled(tx, tenant.id, subject)
    asked = names.scope(scope) or client.scope
    if "," in scope and not set(asked) <= set(client.scope):
        names.registered_scope(scope)
    if not set(asked) <= set(client.scope):
        raise BadValue(f"The scope is more than the client {client_id} may have: {' '.join(client.scope)}.")
    authorization = Authorization(
        tenant_id=tenant.id,
        client_id=client_id,
        epochs=Epochs.carried_by(tenant, client, subject_epoch),
        scope=asked,
        subject=subject,
        is_refreshable=subject is not None and "refresh_token" in client.grant_types,
        audience=resources.or_default(resources.among(audience, admitted.resources or ()), tenant),
    )
    for start in range(0, count, BATCH_GRANTS):
        batch = min(BATCH_GRANTS, count - start)
        yield from issue_tokens(authority, authorization, access_token_seconds=expires_in, count=batch)


def _check_no_client(tx: Transaction, tenant_id: int, subject: str) -> None:
    named = clients.find(tx, tenant_id, subject)
    if named is not None and named.deleted_at is None:
        raise BadValue(f"{subject} is a client: what it does for itself is issued without a subject.")


def _check_not_disabled(tx: Transaction, tenant_id: int, subject: str) -> None:
    user = users.find(tx, tenant_id, users.name_of(tx, tenant_id, subject))
    if user is not None and user.disabled_at is not None:
        raise Refused(f"{subject} is disabled: rescind user enable lets them in again.")
