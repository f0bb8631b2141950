"""What the server promises, as a list of what happened and two rules. It knows no epoch, digest or row.

A revocation covers what had begun before it, also what is past its time already. Whatever is covered, or past
its time, is not active.
"""

from dataclasses import dataclass, field

ACCESS_SECONDS = 8
# Longer than an access token lives, so that a retry can come when the successor has expired already.
GRACE_SECONDS = 10
GRANT_SECONDS = 3600
# The client whose processes share a refresh token: a replaced one gets its successors for so long, and these
# stay what they are. Later it is refused, and written down no more than once an hour.
SHARED = "shared"
SHARED_GRACE_SECONDS = 25
NOTED_EVERY_SECONDS = 3600
# So much longer than anything can matter it is kept.
KEPT_SECONDS = 3600


@dataclass(eq=False)
class Session:
    """A sign-in of a subject."""

    sid: str
    subject: str
    begun: int
    expires_at: int
    is_purged: bool = False


@dataclass(eq=False)
class Grant:
    """An authorization. `begun` is when the request began that led to it, not when it was made."""

    id: str
    client_id: str
    subject: str | None
    session: Session | None
    begun: int
    expires_at: int
    refused_at: int | None = None
    is_purged: bool = False


@dataclass(eq=False)
class Token:
    """A token. A refresh token that was rotated has `successors`; until `kept_until` it is not rotated."""

    string: str
    kind: str
    grant: Grant
    expires_at: int
    rotated_at: int | None = None
    successors: "tuple[Token, Token] | None" = None
    kept_until: int = 0
    is_purged: bool = False


@dataclass(eq=False)
class Code:
    """An authorization code, and once it was exchanged the grant that came of it."""

    string: str
    grant: Grant
    expires_at: int
    is_redeemed: bool = False


def _is_kept(what: Session | Grant, subject: str) -> bool:
    return what.subject == subject and not what.is_purged


@dataclass
class Model:
    """One tenant's history.

    Attributes:
        happened: the revocations, each with its number in the order of all that happened.
        events: how many revocations found anything to end, which is how many event rows there are.
    """

    now: int
    order: int = 0
    happened: list[tuple[int, str, str]] = field(default_factory=list)
    events: int = 0
    is_disabled: bool = False
    deleted: set[str] = field(default_factory=set)
    suspended: set[str] = field(default_factory=set)

    def next(self) -> int:
        """Number what happens now."""
        self.order += 1
        return self.order

    def revoke(self, kind: str, name: str, ends_something: bool) -> bool:
        """Write a revocation down. One that has nothing to end is no event; gives whether it had.

        That of a subject who holds nothing counts all the same for what is under way about it.
        """
        if ends_something or kind == "subject":
            self.happened.append((self.next(), kind, name))
        self.events += ends_something
        return ends_something

    def subject_holds(self, subject: str, tokens: list[Token], sessions: list[Session]) -> bool:
        """Tell whether anything of a subject has not ended yet, be it past its time."""
        kept = [not self.session_has_ended(each) for each in sessions if _is_kept(each, subject)]
        grants = [token.grant for token in tokens if _is_kept(token.grant, subject)]
        return any(kept) or any(not self.grant_has_ended(each) for each in grants)

    def session_has_ended(self, session: Session) -> bool:
        """Tell whether a revocation covers a session, or its tenant is closed."""
        covering = {("tenant", ""), ("session", session.sid), ("subject", session.subject)}
        return self.is_disabled or not self._stands(session.begun, covering)

    def session_is_active(self, session: Session) -> bool:
        """Tell whether a session is neither covered nor past its time."""
        return not self.session_has_ended(session) and self.now < session.expires_at

    def grant_has_ended(self, grant: Grant) -> bool:
        """Tell whether a revocation covers a grant or its session, or its client or tenant is gone."""
        covering = {("tenant", ""), ("grant", grant.id), ("client", grant.client_id)}
        covering |= {("subject", grant.subject)} if grant.subject is not None else set()
        if self.is_disabled or grant.client_id in self.deleted:
            return True
        if grant.session is not None and (grant.session.is_purged or self.session_has_ended(grant.session)):
            return True
        return not self._stands(grant.begun, covering)

    def grant_is_active(self, grant: Grant) -> bool:
        """Tell whether nothing covers a grant or its session, both are in time, and its client is enabled."""
        is_session_over = grant.session is not None and not self.session_is_active(grant.session)
        is_over = self.grant_has_ended(grant) or is_session_over or self.now >= grant.expires_at
        return not (is_over or grant.client_id in self.suspended)

    def token_has_ended(self, token: Token) -> bool:
        """Tell whether a revocation covers a token or its grant, or it was rotated."""
        is_covered = not self._stands(0, {("token", token.string)})
        return token.rotated_at is not None or is_covered or self.grant_has_ended(token.grant)

    def token_is_active(self, token: Token) -> bool:
        """Tell whether a token may be used now."""
        is_in_time = self.now < token.expires_at and self.grant_is_active(token.grant)
        return is_in_time and not self.token_has_ended(token)

    def code_is_good(self, code: Code) -> bool:
        """Tell whether a code gets tokens: it is new, in time, and what it was made under still stands."""
        is_in_time = self.now < code.expires_at and self.grant_is_active(code.grant)
        return is_in_time and not code.is_redeemed

    def may_be_repeated(self, token: Token) -> bool:
        """Tell whether a rotated refresh token that comes again gets its successors once more."""
        if token.rotated_at is None or token.successors is None or not self.grant_is_active(token.grant):
            return False
        grace = SHARED_GRACE_SECONDS if token.grant.client_id == SHARED else GRACE_SECONDS
        return self.now < token.rotated_at + grace and self.token_is_active(token.successors[1])

    def kept_until(self, rotated: Token) -> int:
        """Tell until when what follows a refresh token that is rotated now is not rotated itself."""
        return self.now + SHARED_GRACE_SECONDS if rotated.grant.client_id == SHARED else 0

    def is_kept(self, token: Token) -> bool:
        """Tell whether a use of a refresh token leaves it as it is."""
        return self.now < token.kept_until

    def see_reuse(self, grant: Grant, is_replay: bool) -> None:
        """Write down that a rotated refresh token came back too late, if it did."""
        if grant.client_id != SHARED:
            self.revoke("grant", grant.id, is_replay)
        elif is_replay and (grant.refused_at is None or self.now >= grant.refused_at + NOTED_EVERY_SECONDS):
            grant.refused_at = self.now
            self.events += 1

    def purge(self, tokens: list[Token], sessions: list[Session]) -> None:
        """Forget what is long past its time; a session that was ended by name is known for much longer."""
        past = self.now - KEPT_SECONDS
        ended = {name for _, kind, name in self.happened if kind == "session"}
        for token in tokens:
            token.is_purged |= token.expires_at <= past
            token.grant.is_purged |= token.grant.expires_at <= past
        for session in sessions:
            session.is_purged |= session.expires_at <= past and session.sid not in ended

    def _stands(self, begun: int, covering: set[tuple[str, str]]) -> bool:
        return not any(at > begun and (kind, name) in covering for at, kind, name in self.happened)
