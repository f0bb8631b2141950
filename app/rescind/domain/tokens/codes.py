"""Authorization codes: made once, redeemed once (RFC 6749 section 4.1.2).

The id of the grant is fixed when the code is made. So a second redemption knows what the first one made, and
ends it, whichever of the two was the thief's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rescind.domain import resources
from rescind.domain.authority import Authority
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import CODE_REPLAY, Cause
from rescind.domain.revoking.revocation import revoke
from rescind.domain.secrets import digest, new_code, new_id
from rescind.domain.tokens import pkce
from rescind.domain.tokens.issuing import Authorization, IssuedTokens, still_allowed
from rescind.domain.tokens.redeeming import OFFLINE_ACCESS as OFFLINE_ACCESS
from rescind.domain.tokens.redeeming import drafted, handed_out
from rescind.errors import BadValue, ClientDisabled, TokenRefused
from rescind.store import codes
from rescind.store.drafts import NewCode
from rescind.store.records import ClientRecord, CodeRecord, TenantRecord


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a client shows with a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5, RFC 8707)."""

    code: str = field(repr=False)
    redirect_uri: str
    code_verifier: str = field(repr=False)
    resources: tuple[str, ...] = ()


def mint(
    authority: Authority,
    authorization: Authorization,
    *,
    redirect_uri: str,
    code_challenge: str,
    nonce: str | None = None,
) -> str:
    """Make a code for what a subject has authorized, and commit.

    Args:
        authorization: with the epochs that the request read first. Its session, if it names one, must still
            be live when the code is redeemed, even where the grant will outlive it.
        redirect_uri: to which the code goes; it must come back the same.
        code_challenge: of S256.

    Raises:
        BadValue: there is no subject, or the challenge can't be one.
        StoreUnavailable: the code is not known to exist.
    """
    if authorization.subject is None or not pkce.is_challenge(code_challenge):
        raise BadValue("A code is about a subject and has a code challenge of the method S256.")
    code = new_code()
    row = NewCode(
        digest=digest(code),
        grant_id=new_id(),
        client_id=authorization.client_id,
        subject=authorization.subject,
        session_sid=authorization.session_sid,
        scope=authorization.scope,
        audience=authorization.audience,
        redirect_uri=redirect_uri,
        code_challenge=code_challenge,
        nonce=nonce,
        auth_time=authorization.auth_time,
        tenant_epoch=authorization.epochs.tenant,
        client_epoch=authorization.epochs.client,
        subject_epoch=authorization.epochs.subject,
        lifetime_seconds=authority.settings.authorization_code_seconds,
    )
    kept_seconds = authority.registered_client_seconds
    codes.add(authority.store, authorization.tenant_id, row, client_kept_seconds=kept_seconds)
    return code


def look_up(authority: Authority, tenant_id: int, code: str) -> CodeRecord | None:
    """Find a code, redeemed or not, with what the predicate says of what it was made under."""
    with authority.store.reading() as tx:
        return codes.find(tx, tenant_id, digest(code))


def redeem(
    authority: Authority,
    tenant: TenantRecord,
    client: ClientRecord,
    shown: Redemption,
    code: CodeRecord | None,
    request_id: str | None = None,
    *,
    before_use: Callable[[tuple[str, ...]], object] = tuple,
) -> IssuedTokens:
    """Turn a code into its grant and first tokens, and commit.

    Args:
        code: its row, as `look_up` gives it; None where there is none.
        before_use: called with the scope when the code is right and about to be used up; if it raises, it
            is not.

    Raises:
        TokenRefused: the code is unknown, another client's, shown with another redirect URI or verifier,
            expired or ended, or nothing of its scope is the client's any more; then nothing has changed. Or
            it was redeemed before, by a request that was right as this one: then the grant has ended, and
            that is committed.
        TargetRefused: it is right, and was not made for the resource that is asked for; nothing has changed.
        ClientDisabled: the client is; the code is as it was.
        StoreUnavailable: not known whether it was redeemed.
    """
    if code is None or not _is_right(code, client, shown):
        raise TokenRefused("The code is unknown, or was made for another client, redirect URI or verifier.")
    if code.is_suspended:
        raise ClientDisabled
    if code.redeemed_at is None:
        if code.is_ended or code.is_expired:
            raise TokenRefused("The code has expired or was revoked.")
        allowed = replace(code, scope=still_allowed(code.scope, client))
        audience = resources.narrowed(shown.resources, code.audience or ())
        before_use(allowed.scope)
        issued = _redeem_first(authority, tenant, client, allowed, audience)
        if issued is not None:
            return issued
        again = look_up(authority, tenant.id, shown.code)
        if again is not None and again.redeemed_at is None and again.is_suspended:
            raise ClientDisabled
    cause = Cause(CODE_REPLAY, actor=f"client:{client.client_id}", request_id=request_id)
    revoke(authority, selectors.Grant(tenant.name, code.grant_id), cause)
    raise TokenRefused("The code was used before or taken back; everything issued with it has ended.")


def _is_right(code: CodeRecord, client: ClientRecord, shown: Redemption) -> bool:
    return (
        code.client_id == client.client_id
        and code.redirect_uri == shown.redirect_uri
        and pkce.matches(shown.code_verifier, code.code_challenge)
    )


def _redeem_first(
    authority: Authority,
    tenant: TenantRecord,
    client: ClientRecord,
    code: CodeRecord,
    audience: tuple[str, ...] | None,
) -> IssuedTokens | None:
    """Redeem the code; None where another request was faster, whose commit is done by then."""
    made = drafted(authority, tenant, client, code, audience)
    kept_seconds = authority.registered_client_seconds
    if not codes.redeem(
        authority.store, tenant.id, code, made.grant, made.tokens, client_kept_seconds=kept_seconds
    ):
        return None
    return replace(handed_out(made, code), nonce=code.nonce)
