"""Use a refresh token: rotate it, or keep it; see who comes back with one that was rotated away.

RFC 9700 section 4.14.2. Two requests with one token are decided by one conditional update: one of them
rotates, the other finds it rotated.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rescind.domain.authority import Authority
from rescind.domain.registry.refresh_policies import RefreshPolicy, policy_of
from rescind.domain.secrets import TokenPair, new_access_token, new_salt
from rescind.domain.tokens import active, reuse
from rescind.domain.tokens.issuing import IssuedTokens, issued_tokens, new_tokens
from rescind.errors import ClientDisabled, TokenRefused
from rescind.store import rotations
from rescind.store.records import ClientRecord, TenantRecord, TokenRecord


@dataclass(frozen=True, slots=True)
class Asked:
    """What an access token is to have, of what its grant has.

    Attributes:
        audience: None for all of it.
    """

    scope: tuple[str, ...]
    audience: tuple[str, ...] | None = None

    def is_met_by(self, token: TokenRecord) -> bool:
        """Tell whether an access token has this, no less and no more."""
        audience = token.grant.audience if self.audience is None else self.audience
        return set(token.scope) == set(self.scope) and set(token.audience) == set(audience)


def refresh(
    authority: Authority,
    tenant: TenantRecord,
    client: ClientRecord,
    presented: str,
    token: TokenRecord,
    asked: Callable[[], Asked],
    request_id: str | None = None,
) -> IssuedTokens:
    """Give new tokens for a refresh token, and commit.

    Whether the grant is live is asked before and decided at use: a revocation that overlaps ends the
    successors too, as they hang on the same grant. Nothing is copied that could outlive it.

    Args:
        client: whose token it is, and who has authenticated.
        presented: the token's string.
        token: its row, as `active.look_up` gave it.
        asked: gives what a new access token is to have, part of what the grant has; a new refresh token
            keeps all of it. It is called before one is made or given again; if it raises, nothing is used up.

    Raises:
        TokenRefused: it can't be used. What comes of one that was used before, see `reuse`, is committed.
        ClientDisabled: its client is; the token is as it was.
        StoreUnavailable: not known whether it was used. The same request may be made again.
    """
    policy = policy_of(authority.settings, tenant, client)
    return _Refresh(authority, tenant, policy, asked, request_id).of(presented, token)


@dataclass(frozen=True, slots=True)
class _Refresh:
    """One request, for whichever token of the grant it comes to be about."""

    authority: Authority
    tenant: TenantRecord
    policy: RefreshPolicy
    asked: Callable[[], Asked]
    request_id: str | None

    def of(self, presented: str, token: TokenRecord) -> IssuedTokens:
        """Use this one."""
        if token.rotated_at is None and token.is_active:
            use = self._renew if self._is_kept(token) else self._rotate
            issued = use(presented, token, self.asked())
            if issued is not None:
                return issued
            token = self._look_up(presented)
        if token.is_suspended:
            # No reuse either: who shows a rotated one now may be a client that has not heard of it.
            raise ClientDisabled
        if token.rotated_at is None or not token.grant.is_active:
            raise TokenRefused("The refresh token is revoked or expired.")
        if token.read_at < token.rotated_at + self.policy.grace_seconds:
            issued = self._successors_again(presented, token)
            if issued is not None:
                return issued
        raise reuse.answer(self.authority, self.tenant, token.grant, self.policy, self.request_id)

    def _look_up(self, presented: str) -> TokenRecord:
        found = active.look_up(self.authority, self.tenant.id, presented)
        if found is None:
            raise TokenRefused("The refresh token is no longer there.")
        return found

    def _is_kept(self, token: TokenRecord) -> bool:
        """Tell whether the token stays what it is: always, or while the one before it is good for it."""
        if not self.policy.is_rotating:
            return True
        grant = token.grant
        follows = token.issued_at > grant.created_at if token.has_row else bool(grant.generation)
        return (
            self.policy.is_shared and follows and token.read_at < token.issued_at + self.policy.grace_seconds
        )

    def _rotate(self, presented: str, token: TokenRecord, asked: Asked) -> IssuedTokens | None:
        """Replace the token; None where another request was faster."""
        salt, generation = new_salt(), _next(self.authority, token)
        pair = self.authority.keyring.successors(presented, salt, token.grant.id, generation)[0]
        lifetime = self.authority.settings.access_token_seconds
        new = new_tokens(
            *(pair.access_token, pair.refresh_token, asked.scope, lifetime),
            generation=generation,
            audience=asked.audience,
        )
        left = rotations.rotate(self.authority.store, self.tenant.id, token, new, salt=salt)
        return None if left is None else _issued(token, pair, asked.scope, min(lifetime, left), left)

    def _renew(self, presented: str, token: TokenRecord, asked: Asked) -> IssuedTokens | None:
        """Give an access token for one that stays; None where it was replaced or has ended meanwhile."""
        pair = TokenPair(new_access_token(), presented)
        lifetime = self.authority.settings.access_token_seconds
        new = new_tokens(
            *(pair.access_token, None, asked.scope, lifetime), generation=None, audience=asked.audience
        )
        left = rotations.renew(self.authority.store, self.tenant.id, token, new)
        return None if left is None else _issued(token, pair, asked.scope, min(lifetime, left), left)

    def _successors_again(self, presented: str, token: TokenRecord) -> IssuedTokens | None:
        """Say the same successors once more; None where the new refresh token was used, or has ended.

        An access token that has expired, was revoked by itself, or is not for what is asked for now, is of no
        use to who asks: then there is a new one. The refresh token is not replaced for that, as others of the
        client have it too.
        """
        for pair in self._pairs(presented, token):
            successor = active.look_up(self.authority, self.tenant.id, pair.refresh_token)
            if successor is None:
                continue
            if successor.is_active:
                return self._given_again(pair, successor) or self._instead(pair.refresh_token)
            if self.policy.is_shared and successor.rotated_at is not None:
                # By another who came at the end of the grace.
                return self.of(pair.refresh_token, successor)
        return None

    def _pairs(self, presented: str, token: TokenRecord) -> list[TokenPair]:
        """Derive what may follow: by a key that is not the newest now, or by another version."""
        keyring, grant, salt = self.authority.keyring, token.grant, token.salt or b""
        pairs = keyring.successors(presented, salt, grant.id, grant.generation)
        if token.has_row and grant.generation is not None:
            pairs += keyring.successors(presented, salt, grant.id, None)
        return pairs

    def _given_again(self, pair: TokenPair, successor: TokenRecord) -> IssuedTokens | None:
        asked = self.asked()
        access_token = active.look_up(self.authority, self.tenant.id, pair.access_token)
        if access_token is None or not access_token.is_active or not asked.is_met_by(access_token):
            return self._renew(pair.refresh_token, successor, asked)
        expires_in = access_token.expires_at - access_token.read_at
        return _issued(successor, pair, access_token.scope, expires_in)

    def _instead(self, refresh_token: str) -> IssuedTokens:
        """Go on with a successor that was replaced just now."""
        return self.of(refresh_token, self._look_up(refresh_token))


def _issued(
    token: TokenRecord, pair: TokenPair, scope: tuple[str, ...], expires_in: int, left: int | None = None
) -> IssuedTokens:
    """Write down what the client is handed.

    Args:
        left: what the write says of the grant's time; a session may end it before.
    """
    seconds = token.grant.left_seconds if left is None else min(token.grant.left_seconds, left)
    return issued_tokens(token.grant, pair.access_token, pair.refresh_token, scope, expires_in, seconds)


def _next(authority: Authority, token: TokenRecord) -> int | None:
    """Give the number of the token that follows; none, while workers are left that look for rows."""
    if token.has_row and not authority.store.is_settled:
        return None
    return (token.grant.generation or 0) + 1
