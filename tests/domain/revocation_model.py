"""What the server promises, as a list of what happened and two rules. It knows no epoch, digest or row.

A revocation covers what had begun before it. Whatever is covered, or past its time, is not active.
"""

from dataclasses import dataclass, field

ACCESS_SECONDS = 8
# Longer than an access token lives, so that a retry can come when the successor has expired already.
GRACE_SECONDS = 10
GRANT_SECONDS = 3600


@dataclass(eq=False)
class Session:
    """A sign-in of a subject."""

    sid: str
    subject: str
    begun: int
    expires_at: int


@dataclass(eq=False)
class Grant:
    """An authorization. `begun` is when the request began that led to it, not when it was made."""

    id: str
    client_id: str
    subject: str | None
    session: Session | None
    begun: int
    expires_at: int


@dataclass(eq=False)
class Token:
    """A token. A refresh token that was rotated has `successors`."""

    string: str
    kind: str
    grant: Grant
    expires_at: int
    rotated_at: int | None = None
    successors: "tuple[Token, Token] | None" = None
    is_purged: bool = False


@dataclass
class Model:
    """One tenant's history.

    Attributes:
        happened: the revocations, each with its number in the order of all that happened.
        events: how many revocations have ended anything, which is how many event rows there are.
    """

    now: int
    order: int = 0
    happened: list[tuple[int, str, str]] = field(default_factory=list)
    events: int = 0
    is_disabled: bool = False
    deleted: set[str] = field(default_factory=set)

    def next(self) -> int:
        """Number what happens now."""
        self.order += 1
        return self.order

    def revoke(self, kind: str, name: str, ends_something: bool) -> bool:
        """Write a revocation down, unless it has nothing to end. Gives whether it had."""
        if ends_something:
            self.happened.append((self.next(), kind, name))
            self.events += 1
        return ends_something

    def session_is_active(self, session: Session) -> bool:
        """Tell whether a session is neither covered nor past its time."""
        covering = {("tenant", ""), ("session", session.sid), ("subject", session.subject)}
        return (
            self._stands(session.begun, covering) and self.now < session.expires_at and not self.is_disabled
        )

    def grant_is_active(self, grant: Grant) -> bool:
        """Tell whether a grant is neither covered nor past its time, and its session neither."""
        covering = {("tenant", ""), ("grant", grant.id), ("client", grant.client_id)}
        covering |= {("subject", grant.subject)} if grant.subject is not None else set()
        if self.is_disabled or grant.client_id in self.deleted or self.now >= grant.expires_at:
            return False
        if grant.session is not None and not self.session_is_active(grant.session):
            return False
        return self._stands(grant.begun, covering)

    def token_is_active(self, token: Token) -> bool:
        """Tell whether a token may be used now."""
        if token.rotated_at is not None or self.now >= token.expires_at:
            return False
        return self.grant_is_active(token.grant) and self._stands(0, {("token", token.string)})

    def may_be_repeated(self, token: Token) -> bool:
        """Tell whether a rotated refresh token that comes again gets its successors once more."""
        if token.rotated_at is None or token.successors is None or not self.grant_is_active(token.grant):
            return False
        return self.now < token.rotated_at + GRACE_SECONDS and self.token_is_active(token.successors[1])

    def purge(self, tokens: list[Token]) -> None:
        """Forget tokens: those past their time, for as long as a retry might still ask for them."""
        for token in tokens:
            token.is_purged |= token.expires_at + GRACE_SECONDS <= self.now

    def _stands(self, begun: int, covering: set[tuple[str, str]]) -> bool:
        return not any(at > begun and (kind, name) in covering for at, kind, name in self.happened)
