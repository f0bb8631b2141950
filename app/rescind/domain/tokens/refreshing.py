"""Rotate a refresh token; end the grant when one that was rotated away comes back.

RFC 9700 section 4.14.2. Two requests with one token are decided by one conditional update: one of them
rotates, the other finds it rotated.
"""

from collections.abc import Callable

from rescind.domain.authority import Authority
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import REFRESH_TOKEN_REUSE, Cause
from rescind.domain.revoking.revocation import revoke
from rescind.domain.secrets import new_salt
from rescind.domain.tokens import active
from rescind.domain.tokens.issuing import IssuedTokens, issued_tokens, new_tokens
from rescind.errors import ClientDisabled, TokenRefused
from rescind.store import rotations
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
        ClientDisabled: its client is; the token is as it was.
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
    if token.is_suspended:
        # No reuse either: who shows a rotated one now may be a client that has not heard of it.
        raise ClientDisabled
    if token.rotated_at is None or not token.grant.is_active:
        raise TokenRefused("The refresh token is revoked or expired.")
    if token.read_at < token.rotated_at + authority.settings.refresh_grace_seconds:
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
    generation = _next(authority, token)
    pair = authority.keyring.successors(presented, salt, grant.id, generation)[0]
    lifetime = authority.settings.access_token_seconds
    new = new_tokens(pair.access_token, pair.refresh_token, scope, lifetime, generation=generation)
    left = rotations.rotate(authority.store, tenant.id, token, new, salt=salt)
    if left is None:
        return None
    return issued_tokens(grant, pair.access_token, pair.refresh_token, scope, min(lifetime, left))


def _next(authority: Authority, token: TokenRecord) -> int | None:
    """Give the number of the token that follows; none, while workers are left that look for rows."""
    if token.has_row and not authority.store.is_settled:
        return None
    return (token.grant.generation or 0) + 1


def _unused_successors(
    authority: Authority, tenant: TenantRecord, presented: str, token: TokenRecord
) -> IssuedTokens | None:
    """Say the same successors once more; None where the new refresh token was used, or has ended."""
    grant, salt = token.grant, token.salt or b""
    # The key that made them may no longer be the newest, so each is tried; and another version may have.
    pairs = authority.keyring.successors(presented, salt, grant.id, grant.generation)
    if token.has_row and grant.generation is not None:
        pairs += authority.keyring.successors(presented, salt, grant.id, None)
    for pair in pairs:
        refresh_token = active.look_up(authority, tenant.id, pair.refresh_token)
        access_token = active.look_up(authority, tenant.id, pair.access_token)
        if refresh_token is not None and refresh_token.is_active and access_token is not None:
            # One that was revoked meanwhile has no time left: the client will refresh at once.
            left = access_token.expires_at - access_token.read_at if access_token.is_active else 0
            return issued_tokens(
                grant, pair.access_token, pair.refresh_token, access_token.scope, max(0, left)
            )
    return None
