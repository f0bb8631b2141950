"""Make a grant with its first tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from rescind.domain import clock, names
from rescind.domain.authority import Authority
from rescind.domain.revoking.epochs import Epochs
from rescind.domain.secrets import digest, new_access_token, new_id, new_refresh_token
from rescind.settings import Settings
from rescind.store import grants, tokens
from rescind.store.engine import Transaction
from rescind.store.records import GrantRecord, NewGrant, NewToken


@dataclass(frozen=True, slots=True)
class Authorization:
    """What is to be granted: to which client, about whom, for what.

    Attributes:
        subject: None for client_credentials, where the client acts for itself.
        session_sid: the session with which the grant dies; None where it outlives it.
        offline_session_sid: the session that it outlives, in which it was given `offline_access`.
        auth_time: when the subject signed in; None where nobody did.
        is_refreshable: whether a refresh token comes with it.
    """

    tenant_id: int
    client_id: str
    epochs: Epochs
    scope: tuple[str, ...]
    subject: str | None = None
    session_sid: str | None = None
    offline_session_sid: str | None = None
    auth_time: int | None = None
    is_refreshable: bool = False

    def __post_init__(self) -> None:
        """Refuse a subject that could not be named to revoke it.

        Raises:
            BadValue: it is none.
        """
        if self.subject is not None:
            names.subject(self.subject)


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """Tokens as they are handed to the client (RFC 6749 section 5.1), and what an ID token says beside them.

    Attributes:
        expires_in: in seconds.
        session_sid: of the sign-in, also where the grant outlives its session.
        nonce: of the authorization request; never on a refresh.
    """

    access_token: str
    refresh_token: str | None
    expires_in: int
    scope: tuple[str, ...]
    grant_id: str
    subject: str | None = None
    auth_time: int | None = None
    session_sid: str | None = None
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A grant and its tokens before they are written, and what the client will be handed after."""

    grant: NewGrant
    tokens: list[NewToken]
    issued: IssuedTokens


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
    lifetime = access_token_seconds or authority.settings.access_token_seconds
    drafts = [
        draft(authority.settings, authorization, access_token_seconds=lifetime, access_token=access_token)
        for _ in range(count)
    ]
    with authority.store.writing() as tx:
        write(tx, authorization.tenant_id, drafts)
    return [each.issued for each in drafts]


def draft(
    settings: Settings,
    authorization: Authorization,
    *,
    grant_id: str | None = None,
    access_token_seconds: int,
    access_token: str | None = None,
) -> Draft:
    """Write down a grant and its first tokens.

    Args:
        grant_id: where it is fixed already; made up otherwise.
    """
    now = clock.now()
    grant_seconds = settings.refresh_token_seconds if authorization.is_refreshable else access_token_seconds
    grant = NewGrant(
        id=grant_id or new_id(),
        client_id=authorization.client_id,
        subject=authorization.subject,
        session_sid=authorization.session_sid,
        offline_session_sid=authorization.offline_session_sid,
        auth_time=authorization.auth_time,
        scope=authorization.scope,
        audience=(),
        tenant_epoch=authorization.epochs.tenant,
        client_epoch=authorization.epochs.client,
        subject_epoch=authorization.epochs.subject,
        created_at=now,
        expires_at=now + grant_seconds,
    )
    refresh_token = new_refresh_token() if authorization.is_refreshable else None
    access_token = access_token or new_access_token()
    drafted, issued = draft_tokens(grant, access_token, refresh_token, grant.scope, access_token_seconds)
    return Draft(grant, drafted, issued)


def draft_tokens(
    grant: NewGrant | GrantRecord,
    access_token: str,
    refresh_token: str | None,
    scope: tuple[str, ...],
    access_token_seconds: int,
) -> tuple[list[NewToken], IssuedTokens]:
    """Write down an access token and, where there is one, its refresh token.

    No token outlives its grant, and a refresh token lives exactly as long (RFC 9700 section 2.2.2), so that
    reuse is seen to the end.

    Args:
        scope: of the access token; a refresh token has all of the grant's.
    """
    now = clock.now()
    expires_at = min(now + access_token_seconds, grant.expires_at)
    drafted = [NewToken(digest(access_token), "access", grant.id, scope, now, expires_at)]
    if refresh_token is not None:
        drafted.append(
            NewToken(digest(refresh_token), "refresh", grant.id, grant.scope, now, grant.expires_at)
        )
    issued = IssuedTokens(
        access_token,
        refresh_token,
        expires_at - now,
        scope,
        grant.id,
        subject=grant.subject,
        auth_time=grant.auth_time,
        session_sid=grant.session_sid or grant.offline_session_sid,
    )
    return drafted, issued


def write(tx: Transaction, tenant_id: int, drafts: Sequence[Draft]) -> None:
    """Write drafts in a transaction of the caller."""
    grants.add(tx, tenant_id, [each.grant for each in drafts])
    tokens.add(tx, tenant_id, [token for each in drafts for token in each.tokens])
