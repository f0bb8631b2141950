"""The domain's operations in any order, each held against a plain model."""

from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
)
from sqlalchemy import func, select

from rescind.domain import clock, purging
from rescind.domain.registry import clients
from rescind.domain.revoking import selectors
from rescind.domain.revoking.causes import Cause
from rescind.domain.revoking.epochs import Epochs, of_subject
from rescind.domain.revoking.revocation import revoke
from rescind.domain.revoking.selectors import Selector
from rescind.domain.tokens import active, codes, pkce
from rescind.domain.tokens.issuing import Authorization, issue
from rescind.errors import ClientDisabled, TokenRefused
from rescind.store import admission, tables
from tests.domain.revoking.closing import CLIENTS, REVOCATION_SCOPES, Closing
from tests.domain.revoking.refreshes import Refreshes
from tests.domain.revoking.revocation_model import (
    ACCESS_SECONDS,
    GRACE_SECONDS,
    GRANT_SECONDS,
    KEPT_SECONDS,
    SHARED,
    SHARED_GRACE_SECONDS,
    Code,
    Grant,
    Model,
    Session,
    Token,
)
from tests.servers import Server

START = 1_800_000_000
SUBJECTS = st.sampled_from(["alice", "bob"])
SECONDS = st.sampled_from(
    [1, 1, 1, ACCESS_SECONDS, GRACE_SECONDS - 1, GRACE_SECONDS, GRANT_SECONDS, KEPT_SECONDS - GRACE_SECONDS]
)
KINDS = st.sampled_from(["token", "token", "token", "grant", "session", "subject", "client", "tenant"])
# Each as often as it is named here by its weight.
OPERATIONS = st.sampled_from(
    [
        name
        for name, weight in {
            "begin_and_end": 4,
            "mint": 2,
            "exchange": 3,
            "refresh_an_active_one": 4,
            "refresh_any": 3,
            "wait": 3,
            "revoke": 3,
            "sign_in": 1,
            "begin": 1,
            "end": 1,
            "close_or_open": 1,
            "suspend_or_resume": 2,
        }.items()
        for _ in range(weight)
    ]
)
VERIFIER = "a-verifier-of-enough-unreserved-characters-0123"
REDIRECT_URI = "https://client.example/callback"
CAUSE = Cause("test", actor="operator:test")
# What it asks for, its session, and when it began in the order of all that happened.
Request = tuple[Authorization, Session | None, int]


class Machine(Closing, Refreshes, RuleBasedStateMachine):
    """The domain's operations in any order. After each, every token that was ever issued is asked about."""

    server: ClassVar[Server]

    def __init__(self) -> None:
        super().__init__()
        clock.set(START)
        self.authority = self.server.authority
        self.tenant = self.server.new_tenant()
        self.name = self.tenant.name
        self.model = Model(START)
        self.sessions: list[Session] = []
        self.requests: list[Request] = []
        self.known: list[Token] = []
        self.codes: list[Code] = []
        for client_id in REVOCATION_SCOPES:
            self._register(client_id)

    def _register(self, client_id: str) -> None:
        is_shared = client_id == SHARED
        policy = {"refresh_grace_seconds": SHARED_GRACE_SECONDS, "on_reuse": "refuse"} if is_shared else {}
        self.tenant.new_client(client_id=client_id, revocation_scope=REVOCATION_SCOPES[client_id], **policy)

    @rule(operation=OPERATIONS, data=st.data())
    def step(self, operation: str, data: st.DataObject) -> None:
        """Do one thing. The choice is our own: Hypothesis's would leave most of them out of most runs."""
        getattr(self, operation)(data)

    def sign_in(self, data: st.DataObject) -> None:
        subject, seconds = data.draw(SUBJECTS), data.draw(st.sampled_from([15, GRANT_SECONDS * 2]))
        begun = self.model.next()
        sid = self.tenant.new_session(subject, lifetime_seconds=seconds)
        self.sessions.append(Session(sid, subject, begun, self.model.now + seconds))

    def begin(self, data: st.DataObject) -> None:
        """Read the epochs, as the first thing that a request does. It ends when it ends, or never."""
        client_id, subject = data.draw(CLIENTS), data.draw(st.one_of(SUBJECTS, SUBJECTS, st.none()))
        mine = [session for session in self.sessions if session.subject == subject]
        session = data.draw(st.sampled_from([None, *mine]))
        admitted = admission.admit(self.authority.store, self.name, client_id)
        epoch = of_subject(self.authority, self.tenant.record.id, subject) if subject else 0
        assert (admitted is None) == self.model.is_disabled
        if admitted is None:
            return
        assert (admitted.client is None) == (client_id in self.model.deleted)
        if admitted.client is None:
            return
        authorization = Authorization(
            self.tenant.record.id,
            client_id,
            Epochs.carried_by(admitted.tenant, admitted.client, epoch),
            (),
            subject,
            session.sid if session else None,
            is_refreshable=subject is not None,
        )
        self.requests.append((authorization, session, self.model.next()))

    def end(self, data: st.DataObject) -> None:
        if not self.requests:
            return
        authorization, session, begun = self.requests.pop()
        try:
            (issued,) = issue(self.authority, authorization)
        except ClientDisabled:
            assert authorization.client_id in self.model.suspended
            return
        seconds = GRANT_SECONDS if authorization.is_refreshable else ACCESS_SECONDS
        client_id, subject = authorization.client_id, authorization.subject
        grant = Grant(issued.grant_id, client_id, subject, session, begun, self.model.now + seconds)
        self._remember(issued, grant)

    def begin_and_end(self, data: st.DataObject) -> None:
        self.begin(data)
        self.end(data)

    def mint(self, data: st.DataObject) -> None:
        self.begin(data)
        if not (self.requests and self.requests[-1][0].subject):
            return
        authorization, session, begun = self.requests.pop()
        challenge = pkce.challenge_of(VERIFIER)
        string = codes.mint(
            self.authority, authorization, redirect_uri=REDIRECT_URI, code_challenge=challenge
        )
        expires_at = self.model.now + self.authority.settings.authorization_code_seconds
        # Its id and its time are known once the code is exchanged.
        grant = Grant("", authorization.client_id, authorization.subject, session, begun, expires_at)
        self.codes.append(Code(string, grant, expires_at))

    def exchange(self, data: st.DataObject) -> None:
        """Exchange a code, perhaps for the second time, which ends what the first time gave."""
        if not self.codes or self.model.is_disabled:
            return
        code = data.draw(st.sampled_from(self.codes))
        if code.grant.client_id in self.model.deleted:
            return
        client = clients.get(self.authority, self.tenant.record, code.grant.client_id)
        shown = codes.Redemption(code.string, REDIRECT_URI, VERIFIER)
        found = codes.look_up(self.authority, self.tenant.record.id, code.string)
        is_good, is_replay = self.model.code_is_good(code), code.is_redeemed and not code.grant.is_purged
        try:
            issued = codes.redeem(self.authority, self.tenant.record, client, shown, found)
        except ClientDisabled:
            assert code.grant.client_id in self.model.suspended
            return
        except TokenRefused:
            assert not is_good
            is_replay = is_replay and not self.model.grant_has_ended(code.grant)
            self.model.revoke("grant", code.grant.id, is_replay)
            return
        assert is_good
        code.is_redeemed, code.grant.id = True, issued.grant_id
        code.grant.expires_at = self.model.now + GRANT_SECONDS
        self._remember(issued, code.grant)

    def revoke(self, data: st.DataObject) -> None:
        if not (self.known and self.sessions):
            return
        live = [token for token in self.known if self.model.grant_is_active(token.grant)]
        token, session = (
            data.draw(st.sampled_from(live or self.known)),
            data.draw(st.sampled_from(self.sessions)),
        )
        subject, client_id, kind = data.draw(SUBJECTS), data.draw(CLIENTS), data.draw(KINDS)
        selectors_: dict[str, Selector] = {
            "token": selectors.Token(self.name, token.string),
            "grant": selectors.Grant(self.name, token.grant.id),
            "session": selectors.Session(self.name, session.sid),
            "subject": selectors.Subject(self.name, subject),
            "client": selectors.Client(self.name, client_id),
            "tenant": selectors.Tenant(self.name),
        }

        done = revoke(self.authority, selectors_[kind], CAUSE)

        grant_ends = not (token.grant.is_purged or self.model.grant_has_ended(token.grant))
        session_ends = not (session.is_purged or self.model.session_has_ended(session))
        alone = token.kind == "access" and REVOCATION_SCOPES[token.grant.client_id] == "token"
        token_ends = not token.is_purged and (
            not self.model.token_has_ended(token) if alone else not self.model.grant_has_ended(token.grant)
        )
        covered = {
            "token": ("token" if alone else "grant", token.string if alone else token.grant.id, token_ends),
            "grant": ("grant", token.grant.id, grant_ends),
            "session": ("session", session.sid, session_ends),
            "subject": ("subject", subject, self.model.subject_holds(subject, self.known, self.sessions)),
            "client": ("client", client_id, client_id not in self.model.deleted),
            "tenant": ("tenant", "", True),
        }
        assert done.revoked == self.model.revoke(*covered[kind])

    def wait(self, data: st.DataObject) -> None:
        self.model.now += data.draw(SECONDS)
        clock.set(self.model.now)
        if data.draw(st.booleans()):
            list(purging.purge(self.authority, batch_rows=3))
            self.model.purge(self.known, self.sessions)

    @invariant()
    def every_token_is_as_active_as_the_model_says(self) -> None:
        found = [active.look_up(self.authority, self.tenant.record.id, token.string) for token in self.known]
        is_active = [record is not None and record.is_active for record in found]
        assert is_active == [self.model.token_is_active(token) for token in self.known]

    @invariant()
    def whatever_ended_something_wrote_one_event(self) -> None:
        rows = tables.revocations
        counting = select(func.count()).select_from(rows).where(rows.c.tenant_id == self.tenant.record.id)
        with self.authority.store.opened() as tx:
            assert tx.execute(counting).scalar_one() == self.model.events
