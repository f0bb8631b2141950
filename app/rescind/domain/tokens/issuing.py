"""Make a grant with its first tokens."""

from dataclasses import dataclass

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.revoking.epochs import Epochs
from rescind.domain.secrets import digest, new_access_token, new_id
from rescind.errors import TokenRefused
from rescind.store import grants
from rescind.store.drafts import NewGrant, NewTokens
from rescind.store.records import ClientRecord, GrantRecord


@dataclass(frozen=True, slots=True)
class Authorization:
    """What is to be granted: to which client, about whom, for what.

    Attributes:
        subject: None for client_credentials, where the client acts for itself.
        session_sid: the session with which the grant dies; None where it outlives it.
        offline_session_sid: the session that it outlives, in which it was given `offline_access`.
        auth_time: when the subject signed in; None where nobody did.
        is_refreshable: whether a refresh token comes with it.
        audience: the resources that it is for, as they were asked for; none where it names none.
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
    audience: tuple[str, ...] = ()

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
        authorization_seconds: for how long the refresh token is good, if there is one, and with it the grant.
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
    authorization_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A grant and its tokens before they are written, and what the client will be handed after."""

    grant: NewGrant
    tokens: NewTokens
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
        ClientDisabled: the client was disabled or swept since the request has read it; none of them exists.
        StoreUnavailable: none of them is known to exist.
    """
    lifetime = access_token_seconds or authority.settings.access_token_seconds
    drafts = [
        draft(authority, authorization, access_token_seconds=lifetime, access_token=access_token)
        for _ in range(count)
    ]
    grants.issue(
        authority.store,
        authorization.tenant_id,
        [(each.grant, each.tokens) for each in drafts],
        client_kept_seconds=authority.registered_client_seconds,
    )
    return [each.issued for each in drafts]


def still_allowed(given: tuple[str, ...], client: ClientRecord) -> tuple[str, ...]:
    """Give what is left of a scope that was given once, of what its client may have now.

    Raises:
        TokenRefused: nothing is.
    """
    left = tuple(word for word in given if word in client.scope)
    if given and not left:
        raise TokenRefused("The client may not have any more what it was given: it has to ask anew.")
    return left


def draft(
    authority: Authority,
    authorization: Authorization,
    *,
    grant_id: str | None = None,
    access_token_seconds: int,
    access_token: str | None = None,
    audience: tuple[str, ...] | None = None,
) -> Draft:
    """Write down a grant and its first tokens.

    No token outlives its grant, and a refresh token lives exactly as long (RFC 9700 section 2.2.2), so that
    reuse is seen to the end.

    Args:
        grant_id: where it is fixed already; made up otherwise.
        audience: of the access token, where that is not the grant's.
    """
    is_refreshable = authorization.is_refreshable
    lifetime = authority.settings.refresh_token_seconds if is_refreshable else access_token_seconds
    grant = NewGrant(
        id=grant_id or new_id(),
        client_id=authorization.client_id,
        subject=authorization.subject,
        session_sid=authorization.session_sid,
        offline_session_sid=authorization.offline_session_sid,
        auth_time=authorization.auth_time,
        scope=authorization.scope,
        audience=authorization.audience,
        tenant_epoch=authorization.epochs.tenant,
        client_epoch=authorization.epochs.client,
        subject_epoch=authorization.epochs.subject,
        lifetime_seconds=lifetime,
    )
    access_token = access_token or new_access_token()
    generation = 0 if authority.store.is_settled else None
    refresh_token = authority.keyring.new_refresh_token(grant.id, generation) if is_refreshable else None
    access_seconds = min(access_token_seconds, lifetime)
    return Draft(
        grant,
        new_tokens(
            access_token,
            refresh_token,
            grant.scope,
            access_seconds,
            generation=generation,
            audience=audience,
        ),
        issued_tokens(grant, access_token, refresh_token, grant.scope, access_seconds, lifetime),
    )


def new_tokens(
    access_token: str,
    refresh_token: str | None,
    scope: tuple[str, ...],
    access_seconds: int,
    *,
    generation: int | None,
    audience: tuple[str, ...] | None,
) -> NewTokens:
    """Write down what is kept of an access token and, where there is one, its refresh token.

    Args:
        scope: of the access token; a refresh token has all of the grant's.
        audience: of the access token, where that is not the grant's.
        generation: the number of the refresh token, if it has one.
    """
    return NewTokens(
        digest=digest(access_token),
        scope=scope,
        lifetime_seconds=access_seconds,
        refresh_digest=digest(refresh_token) if refresh_token is not None else None,
        generation=generation if refresh_token is not None else None,
        audience=audience,
    )


def issued_tokens(
    grant: NewGrant | GrantRecord,
    access_token: str,
    refresh_token: str | None,
    scope: tuple[str, ...],
    expires_in: int,
    authorization_seconds: int,
) -> IssuedTokens:
    """Write down what the client is handed."""
    return IssuedTokens(
        access_token,
        refresh_token,
        expires_in,
        scope,
        grant.id,
        subject=grant.subject,
        auth_time=grant.auth_time,
        session_sid=grant.session_sid or grant.offline_session_sid,
        authorization_seconds=authorization_seconds if refresh_token is not None else None,
    )
