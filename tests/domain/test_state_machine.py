"""Any sequence of issuing, refreshing, revoking, waiting and purging, against a plain model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from rescind.domain import active, clients, clock, purging, selectors, tenants
from rescind.domain.causes import Cause
from rescind.domain.epochs import Epochs
from rescind.domain.issuing import Authorization, IssuedTokens, issue
from rescind.domain.refreshing import refresh
from rescind.domain.revocation import revoke
from rescind.errors import TokenRefused
from rescind.store import clients as client_rows
from rescind.store import revocations, tables
from tests.domain.revocation_model import (
    ACCESS_SECONDS,
    GRACE_SECONDS,
    GRANT_SECONDS,
    Grant,
    Model,
    Session,
    Token,
)
from tests.servers import Client, Server
from tests.store.apart import serving

START = 1_800_000_000
# Of `alone` an access token is revoked by itself, of `whole` with its grant.
REVOCATION_SCOPES = {"whole": "grant", "alone": "token"}
CLIENTS = st.sampled_from(sorted(REVOCATION_SCOPES))
SUBJECTS = st.sampled_from(["alice", "bob"])
CAUSE = Cause("test", actor="operator:test")


class Machine(RuleBasedStateMachine):
    """The domain's operations in any order. After each, every token that was ever issued is asked about."""

    server: ClassVar[Server]
    sessions: Bundle[Session] = Bundle("sessions")
    requests: Bundle[tuple[Authorization, Session | None, int]] = Bundle("requests")
    tokens: Bundle[Token] = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        clock.set(START)
        self.authority = self.server.authority
        self.tenant = self.server.new_tenant()
        self.name = self.tenant.name
        self.model = Model(START)
        self.known: list[Token] = []
        for client_id, scope in REVOCATION_SCOPES.items():
            self.tenant.new_client(client_id=client_id, revocation_scope=scope)

    @rule(target=sessions, subject=SUBJECTS, seconds=st.sampled_from([15, GRANT_SECONDS * 2]))
    def sign_in(self, subject: str, seconds: int) -> Session:
        begun = self.model.next()
        sid = self.tenant.new_session(subject, lifetime_seconds=seconds)
        return Session(sid, subject, begun, self.model.now + seconds)

    @rule(target=requests, client_id=CLIENTS, subject=SUBJECTS, session=st.one_of(st.none(), sessions))
    @precondition(lambda self: not self.model.is_disabled)
    def a_request_begins(
        self, client_id: str, subject: str, session: Session | None
    ) -> tuple[Authorization, Session | None, int] | Any:
        subject = session.subject if session else subject
        with self.authority.store.reading() as tx:
            admitted = client_rows.admit(tx, self.name, client_id)
            epoch = revocations.subject_epoch(tx, self.tenant.record.id, subject)
        assert admitted is not None
        if admitted[1] is None:
            assert client_id in self.model.deleted
            return multiple()
        epochs = Epochs.carried_by(admitted[0], admitted[1], epoch)
        sid = session.sid if session else None
        authorization = Authorization(
            self.tenant.record.id, client_id, epochs, (), subject, sid, is_refreshable=True
        )
        return authorization, session, self.model.next()

    @rule(target=tokens, request=consumes(requests))
    def the_request_ends(self, request: tuple[Authorization, Session | None, int]) -> Any:
        authorization, session, begun = request
        (issued,) = issue(self.authority, authorization)
        expires_at = self.model.now + GRANT_SECONDS
        client_id, subject = authorization.client_id, authorization.subject
        return self._remember(issued, Grant(issued.grant_id, client_id, subject, session, begun, expires_at))

    @rule(target=tokens, client_id=CLIENTS)
    @precondition(lambda self: not self.model.is_disabled and not self.model.deleted)
    def a_client_acts_for_itself(self, client_id: str) -> Any:
        begun = self.model.next()
        issued = Client(self.tenant, client_id, None).issue(None, is_refreshable=False)
        expires_at = self.model.now + ACCESS_SECONDS
        return self._remember(issued, Grant(issued.grant_id, client_id, None, None, begun, expires_at))

    @rule(target=tokens, token=tokens)
    def refresh(self, token: Token) -> Any:
        record = active.look_up(self.authority, self.tenant.record.id, token.string)
        assert (record is None) == token.is_purged
        if record is None or token.kind != "refresh":
            return multiple()
        may_be_rotated, may_be_repeated = self.model.token_is_active(token), self.model.may_be_repeated(token)
        try:
            issued = refresh(self.authority, self.tenant.record, token.string, record, ())
        except TokenRefused:
            assert not may_be_rotated
            assert not may_be_repeated
            is_replay = token.rotated_at is not None and self.model.grant_is_active(token.grant)
            self.model.revoke("grant", token.grant.id, ends_something=is_replay)
            return multiple()
        assert may_be_rotated or may_be_repeated
        if may_be_repeated:
            assert token.successors is not None
            access_token, refresh_token = token.successors
            assert (issued.access_token, issued.refresh_token) == (access_token.string, refresh_token.string)
            assert issued.expires_in == max(0, access_token.expires_at - self.model.now)
            return multiple()
        token.rotated_at = self.model.now
        remembered = self._remember(issued, token.grant)
        token.successors = self.known[-2], self.known[-1]
        return remembered

    @rule(token=tokens)
    def revoke_token(self, token: Token) -> None:
        done = revoke(self.authority, selectors.Token(self.name, token.string), CAUSE)

        alone = token.kind == "access" and REVOCATION_SCOPES[token.grant.client_id] == "token"
        is_active = self.model.token_is_active(token) if alone else self.model.grant_is_active(token.grant)
        kind, name = ("token", token.string) if alone else ("grant", token.grant.id)
        assert done.revoked == self.model.revoke(kind, name, ends_something=is_active and not token.is_purged)

    @rule(token=tokens)
    def revoke_grant(self, token: Token) -> None:
        done = revoke(self.authority, selectors.Grant(self.name, token.grant.id), CAUSE)

        is_active = self.model.grant_is_active(token.grant)
        assert done.revoked == self.model.revoke("grant", token.grant.id, ends_something=is_active)

    @rule(session=sessions)
    def revoke_session(self, session: Session) -> None:
        done = revoke(self.authority, selectors.Session(self.name, session.sid), CAUSE)

        is_active = self.model.session_is_active(session)
        assert done.revoked == self.model.revoke("session", session.sid, ends_something=is_active)

    @rule(subject=SUBJECTS)
    def revoke_subject(self, subject: str) -> None:
        done = revoke(self.authority, selectors.Subject(self.name, subject), CAUSE)

        assert done.revoked == self.model.revoke("subject", subject)

    @rule(client_id=CLIENTS)
    def revoke_client(self, client_id: str) -> None:
        done = revoke(self.authority, selectors.Client(self.name, client_id), CAUSE)

        assert done.revoked == self.model.revoke("client", client_id)

    @rule()
    def revoke_tenant(self) -> None:
        done = revoke(self.authority, selectors.Tenant(self.name), CAUSE)

        assert done.revoked == self.model.revoke("tenant", "")

    @rule()
    def disable_or_enable_the_tenant(self) -> None:
        if self.model.is_disabled:
            tenants.enable(self.authority, self.name)
        else:
            tenants.disable(self.authority, self.name, actor="operator:test")
            self.model.revoke("tenant", "")
        self.model.is_disabled = not self.model.is_disabled

    @rule(client_id=CLIENTS)
    def delete_or_make_again_the_client(self, client_id: str) -> None:
        if client_id in self.model.deleted:
            self.tenant.new_client(client_id=client_id, revocation_scope=REVOCATION_SCOPES[client_id])
            self.model.deleted.remove(client_id)
        else:
            clients.delete(self.authority, self.tenant.record, client_id, actor="operator:test")
            self.model.revoke("client", client_id)
            self.model.deleted.add(client_id)

    @rule(seconds=st.sampled_from([1, ACCESS_SECONDS, GRACE_SECONDS - 1, GRACE_SECONDS, GRANT_SECONDS]))
    def wait(self, seconds: int) -> None:
        self.model.now += seconds
        clock.set(self.model.now)

    @rule()
    def purge(self) -> None:
        list(purging.purge(self.authority, batch_rows=3))
        self.model.purge(self.known)

    @invariant()
    def every_token_is_as_active_as_the_model_says(self) -> None:
        found = [active.look_up(self.authority, self.tenant.record.id, token.string) for token in self.known]
        is_active = [record is not None and record.is_active for record in found]
        assert is_active == [self.model.token_is_active(token) for token in self.known]

    @invariant()
    def whatever_ended_something_wrote_one_event(self) -> None:
        rows = tables.revocations
        counting = select(func.count()).select_from(rows).where(rows.c.tenant_id == self.tenant.record.id)
        with self.authority.store.reading() as tx:
            assert tx.execute(counting).scalar_one() == self.model.events

    def _remember(self, issued: IssuedTokens, grant: Grant) -> Any:
        access_expires_at = min(self.model.now + ACCESS_SECONDS, grant.expires_at)
        assert issued.expires_in == access_expires_at - self.model.now
        made = [Token(issued.access_token, "access", grant, access_expires_at)]
        if issued.refresh_token is not None:
            made.append(Token(issued.refresh_token, "refresh", grant, grant.expires_at))
        self.known.extend(made)
        return multiple(*made)


@pytest.fixture
def own_server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server with short times, so that a few steps go past them."""
    with serving(
        own_url,
        tmp_path,
        access_token_seconds=ACCESS_SECONDS,
        refresh_token_seconds=GRANT_SECONDS,
        refresh_grace_seconds=GRACE_SECONDS,
    ) as server:
        yield server


@pytest.mark.requirement("CAS-08")
def test_no_sequence_of_operations_leaves_a_token_active_that_a_revocation_covered(
    own_server: Server,
) -> None:
    class Here(Machine):
        server = own_server

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
