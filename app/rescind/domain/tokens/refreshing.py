"""Rotate a refresh token; end the grant when one that was rotated away comes back.

RFC 9700 section 4.14.2. Two requests with one token are decided by one conditional update: one of them
rotates, the other finds it rotated.
"""

from collections.abc import Callable

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import REFRESH_TOKEN_REUSE, Cause
from rescind.domain.revoking.revocation import revoke
from rescind.domain.secrets import digest, new_salt
from rescind.domain.tokens import active
from rescind.domain.tokens.issuing import IssuedTokens, draft_tokens
from rescind.errors import TokenRefused
from rescind.store import tokens
from rescind.store.records import TenantRecord, TokenRecord


def refresh(
    authority: Authority,
    tenant: TenantRecord,
    presented: str,
    token: TokenRecord,
    scope: tuple[str, ...],
    request_id: str | None = None,
    *,
    before_use: Callable[[tuple[str, ...]], object] = tuple,
) -> IssuedTokens:
    """Replace a refresh token by its successors, and commit.

    Whether the grant is live is asked before and decided at use: a revocation that overlaps ends the
    successors too, as they hang on the same grant. Nothing is copied that could outlive it.

    Args:
        presented: the token's string, from its own, authenticated client.
        token: its row, as `active.look_up` gave it.
        scope: of the new access token; part of the grant's. The new refresh token keeps the grant's.
        before_use: called with the scope when the token is about to be replaced; if it raises, it is not.

    Raises:
        TokenRefused: it can't be used. Where that is because it was used before, its grant has ended, and
            that is committed.
        StoreUnavailable: not known whether it was replaced. The same request may be made again.
    """
    if token.rotated_at is None and token.is_active:
        before_use(scope)
        issued = _rotate(authority, tenant, presented, token, scope)
        if issued is not None:
            return issued
        again = active.look_up(authority, tenant.id, presented)
        if again is None:
            raise TokenRefused("The refresh token is no longer there.")
        token = again
    if token.rotated_at is None or not token.grant.is_active:
        raise TokenRefused("The refresh token is revoked or expired.")
    if clock.now() < token.rotated_at + authority.settings.refresh_grace_seconds:
        issued = _unused_successors(authority, tenant, presented, token)
        if issued is not None:
            return issued
    cause = Cause(REFRESH_TOKEN_REUSE, actor=f"client:{token.grant.client_id}", request_id=request_id)
    revoke(authority, selectors.Grant(tenant.name, token.grant.id), cause)
    raise TokenRefused("The refresh token was used before; everything issued with it has ended.")


def _rotate(
    authority: Authority, tenant: TenantRecord, presented: str, token: TokenRecord, scope: tuple[str, ...]
) -> IssuedTokens | None:
    """Replace the token; None where another request was faster."""
    salt, grant = new_salt(), token.grant
    pair = authority.keyring.successors(presented, salt)[0]
    lifetime = authority.settings.access_token_seconds
    drafted, issued = draft_tokens(grant, pair.access_token, pair.refresh_token, scope, lifetime)
    with authority.store.writing() as tx:
        if not tokens.rotate(tx, tenant.id, digest(presented), at=clock.now(), salt=salt):
            return None
        tokens.add(tx, tenant.id, drafted)
    return issued


def _unused_successors(
    authority: Authority, tenant: TenantRecord, presented: str, token: TokenRecord
) -> IssuedTokens | None:
    """Say the same successors once more; None where the new refresh token was used, or has ended."""
    # The key that made them may no longer be the newest, so each is tried.
    for pair in authority.keyring.successors(presented, token.salt or b""):
        refresh_token = active.look_up(authority, tenant.id, pair.refresh_token)
        access_token = active.look_up(authority, tenant.id, pair.access_token)
        if refresh_token is not None and refresh_token.is_active and access_token is not None:
            remaining = max(0, access_token.expires_at - clock.now())
            scope = access_token.scope
            grant = token.grant
            return IssuedTokens(
                pair.access_token,
                pair.refresh_token,
                remaining,
                scope,
                grant.id,
                subject=grant.subject,
                auth_time=grant.auth_time,
                session_sid=grant.session_sid or grant.offline_session_sid,
            )
    return None
