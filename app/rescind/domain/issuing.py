"""Make a grant with its first tokens."""

from dataclasses import dataclass

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.domain.epochs import Epochs
from rescind.domain.secrets import digest, new_access_token, new_id, new_refresh_token
from rescind.store import grants, tokens
from rescind.store.records import NewGrant, NewToken


@dataclass(frozen=True, slots=True)
class Authorization:
    """What is to be granted: to which client, about whom, for what.

    Attributes:
        subject: None for client_credentials, where the client acts for itself.
        session_sid: the session with which the grant dies; None where it outlives it.
        is_refreshable: whether a refresh token comes with it.
    """

    tenant_id: int
    client_id: str
    epochs: Epochs
    scope: tuple[str, ...]
    subject: str | None = None
    session_sid: str | None = None
    is_refreshable: bool = False


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """Tokens as they are handed to the client (RFC 6749 section 5.1). `expires_in` is in seconds."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    scope: tuple[str, ...]
    grant_id: str


def issue(
    authority: Authority,
    authorization: Authorization,
    *,
    access_token_seconds: int | None = None,
    count: int = 1,
    access_token: str | None = None,
) -> list[IssuedTokens]:
    """Make grants with their first tokens, and commit: each token, or pair of them, has a grant of its own.

    Args:
        access_token_seconds: instead of the lifetime that is set.
        count: how many grants, in one transaction.
        access_token: a string to use as the (one) access token, for one that was issued elsewhere.

    Raises:
        StoreUnavailable: none of them is known to exist.
    """
    made = [_draft(authority, authorization, access_token_seconds, access_token) for _ in range(count)]
    with authority.store.writing() as tx:
        grants.add(tx, authorization.tenant_id, [draft.grant for draft in made])
        tokens.add(tx, authorization.tenant_id, [token for draft in made for token in draft.tokens])
    return [draft.issued for draft in made]


@dataclass(frozen=True, slots=True)
class _Draft:
    grant: NewGrant
    tokens: list[NewToken]
    issued: IssuedTokens


def _draft(
    authority: Authority,
    authorization: Authorization,
    access_token_seconds: int | None,
    access_token: str | None,
) -> _Draft:
    now = clock.now()
    lifetime = access_token_seconds or authority.settings.access_token_seconds
    grant_lifetime = authority.settings.refresh_token_seconds if authorization.is_refreshable else lifetime
    grant = NewGrant(
        id=new_id(),
        client_id=authorization.client_id,
        subject=authorization.subject,
        session_sid=authorization.session_sid,
        scope=authorization.scope,
        audience=(),
        tenant_epoch=authorization.epochs.tenant,
        client_epoch=authorization.epochs.client,
        subject_epoch=authorization.epochs.subject,
        created_at=now,
        expires_at=now + grant_lifetime,
    )
    access_token = access_token or new_access_token()
    refresh_token = new_refresh_token() if authorization.is_refreshable else None
    drafted = draft_tokens(
        grant.id, grant.scope, grant.scope, lifetime, grant.expires_at, access_token, refresh_token
    )
    expires_in = drafted[0].expires_at - now
    return _Draft(
        grant, drafted, IssuedTokens(access_token, refresh_token, expires_in, grant.scope, grant.id)
    )


def draft_tokens(
    grant_id: str,
    access_scope: tuple[str, ...],
    grant_scope: tuple[str, ...],
    access_token_seconds: int,
    grant_expires_at: int,
    access_token: str,
    refresh_token: str | None,
) -> list[NewToken]:
    """Write down the rows of an access token and, where there is one, its refresh token.

    No token outlives its grant, and a refresh token lives exactly as long (RFC 9700 section 2.2.2), so that
    reuse is seen to the end.
    """
    now = clock.now()
    access_expires_at = min(now + access_token_seconds, grant_expires_at)
    drafted = [NewToken(digest(access_token), "access", grant_id, access_scope, now, access_expires_at)]
    if refresh_token is not None:
        drafted.append(
            NewToken(digest(refresh_token), "refresh", grant_id, grant_scope, now, grant_expires_at)
        )
    return drafted
