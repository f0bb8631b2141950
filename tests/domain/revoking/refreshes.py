"""The part of the state machine that refreshes, each way that a client can be set to."""

from hypothesis import strategies as st

from rescind.domain.authority import Authority
from rescind.domain.tokens import active
from rescind.domain.tokens.issuing import IssuedTokens
from rescind.domain.tokens.refreshing import Asked, refresh
from rescind.errors import ClientDisabled, TokenRefused
from rescind.store import clients
from tests.domain.revoking.revocation_model import ACCESS_SECONDS, Grant, Model, Token
from tests.servers import Tenant


class Refreshes:
    """What refreshes tokens of those that are known, and remembers what came of it."""

    authority: Authority
    tenant: Tenant
    model: Model
    known: list[Token]

    def refresh_an_active_one(self, data: st.DataObject) -> None:
        """Refresh one that is good now."""
        candidates = [
            token for token in self.known if token.kind == "refresh" and self.model.token_is_active(token)
        ]
        if candidates:
            self._refresh(data.draw(st.sampled_from(candidates)))

    def refresh_any(self, data: st.DataObject) -> None:
        """Refresh one that may be rotated or dead, rather one of which it matters."""
        rotated = [token for token in self.known if token.rotated_at is not None]
        replays = [token for token in rotated if self.model.grant_is_active(token.grant)]
        candidates = replays or rotated or self.known
        if candidates:
            self._refresh(data.draw(st.sampled_from(candidates)))

    def _refresh(self, token: Token) -> None:
        tenant = self.tenant.record
        record = active.look_up(self.authority, tenant.id, token.string)
        assert (record is None) == token.is_purged
        if record is None or token.kind != "refresh":
            return
        may_be_used, may_be_repeated = self.model.token_is_active(token), self.model.may_be_repeated(token)
        with self.authority.store.reading() as tx:
            client = clients.find(tx, tenant.id, token.grant.client_id)
        assert client is not None
        try:
            issued = refresh(self.authority, tenant, client, token.string, record, lambda: Asked(()))
        except ClientDisabled:
            assert token.grant.client_id in self.model.suspended
            return
        except TokenRefused:
            assert not may_be_used
            assert not may_be_repeated
            is_replay = token.rotated_at is not None and self.model.grant_is_active(token.grant)
            self.model.see_reuse(token.grant, is_replay)
            return
        assert may_be_used or may_be_repeated
        if may_be_repeated:
            self._see_repeated(token, issued)
        elif self.model.is_kept(token):
            self._remember_access_token(issued, token)
        else:
            self._see_rotated(token, issued)

    def _see_rotated(self, token: Token, issued: IssuedTokens) -> None:
        token.rotated_at = self.model.now
        access_token, refresh_token = self._remember(issued, token.grant)
        token.successors = access_token, refresh_token
        refresh_token.kept_until = self.model.kept_until(token)

    def _see_repeated(self, token: Token, issued: IssuedTokens) -> None:
        assert token.successors is not None
        access_token, refresh_token = token.successors
        assert issued.refresh_token == refresh_token.string
        if self.model.token_is_active(access_token):
            assert issued.access_token == access_token.string
            assert issued.expires_in == access_token.expires_at - self.model.now
        else:
            self._remember_access_token(issued, refresh_token)

    def _remember_access_token(self, issued: IssuedTokens, refresh_token: Token) -> None:
        """Remember an access token that came with a refresh token that is known already."""
        assert issued.refresh_token == refresh_token.string
        assert issued.access_token not in {token.string for token in self.known}
        expires_at = min(self.model.now + ACCESS_SECONDS, refresh_token.grant.expires_at)
        assert issued.expires_in == expires_at - self.model.now
        self.known.append(Token(issued.access_token, "access", refresh_token.grant, expires_at))

    def _remember(self, issued: IssuedTokens, grant: Grant) -> list[Token]:
        access_expires_at = min(self.model.now + ACCESS_SECONDS, grant.expires_at)
        assert issued.expires_in == access_expires_at - self.model.now
        made = [Token(issued.access_token, "access", grant, access_expires_at)]
        if issued.refresh_token is not None:
            made.append(Token(issued.refresh_token, "refresh", grant, grant.expires_at))
        self.known.extend(made)
        return made
