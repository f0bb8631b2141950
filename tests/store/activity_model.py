"""What *active* means, in plain Python, and rows for every way in which it can be false.

DESIGN.md section 3. The store's predicate is held against this, so nothing of the store is used here.
"""

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

NOW = 1_000_000
SID, GRANT_ID, CLIENT_ID, SUBJECT, DIGEST = "s", "g", "c", "alice", b"d"


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Give the value of an active token nine times of ten; else there would hardly be an active one."""
    return st.sampled_from([usual] * 9 * len(others) + list(others))


AHEAD = mostly(NOW + 1, NOW, NOW - 1)
UNSET = mostly(None, NOW - 1, NOW + 1)
EPOCH = mostly(1, 0, 2)


@dataclass(frozen=True)
class Session:
    """A row of `sessions`."""

    expires_at: int
    ended_at: int | None
    offline_ended_at: int | None
    tenant_epoch: int
    subject_epoch: int


@dataclass(frozen=True)
class Facts:
    """All that decides about one token.

    Attributes:
        outlives_session: it was given `offline_access` in the session, and names it as such.
        subject_epoch: of the row in `subjects`; None for no row: it is lost, and nothing of it is live.
        session: the row; None where it is not there.
    """

    tenant_epoch: int
    disabled_at: int | None
    client_epoch: int
    deleted_at: int | None
    client_disabled_at: int | None
    subject_epoch: int | None
    names_session: bool
    outlives_session: bool
    session: Session | None
    has_subject: bool
    grant_tenant_epoch: int
    grant_client_epoch: int
    grant_subject_epoch: int
    grant_expires_at: int
    grant_revoked_at: int | None
    expires_at: int
    rotated_at: int | None
    revoked_at: int | None

    def session_is_ended(self) -> bool:
        """Tell whether the session was ended by a decision; one that is not there was."""
        if self.session is None or self.session.ended_at is not None or self.disabled_at is not None:
            return True
        epochs = self.session.tenant_epoch, self.session.subject_epoch
        return epochs != (self.tenant_epoch, self.subject_epoch)

    def session_is_expired(self) -> bool:
        """Tell whether time has ended the session."""
        return self.session is None or self.session.expires_at <= NOW

    def grant_is_ended(self) -> bool:
        """Tell whether the grant was ended by a decision."""
        if self.grant_revoked_at is not None or self.deleted_at is not None or self.disabled_at is not None:
            return True
        if self.names_session and self.session_is_ended():
            return True
        if self.outlives_session and (self.session is None or self.session.offline_ended_at is not None):
            return True
        if self.has_subject and self.grant_subject_epoch != self.subject_epoch:
            return True
        epochs = self.grant_tenant_epoch, self.grant_client_epoch
        return epochs != (self.tenant_epoch, self.client_epoch)

    def grant_is_expired(self) -> bool:
        """Tell whether time has ended the grant."""
        return self.grant_expires_at <= NOW or (self.names_session and self.session_is_expired())

    def code_is_ended(self) -> bool:
        """Tell whether a code for such a grant was ended by a decision. It is always about a subject."""
        grant = replace(self, grant_revoked_at=None, has_subject=True, outlives_session=False)
        return grant.grant_is_ended()

    def is_suspended(self) -> bool:
        """Tell whether the client is disabled: grant, code and token wait for it then, whatever else."""
        return self.client_disabled_at is not None

    def token_is_ended(self) -> bool:
        """Tell whether the token was ended by a decision."""
        return self.revoked_at is not None or self.rotated_at is not None or self.grant_is_ended()

    def token_is_expired(self) -> bool:
        """Tell whether time has ended the token."""
        return self.expires_at <= NOW or self.grant_is_expired()

    def token_is_active(self) -> bool:
        """Tell whether the token may be used."""
        return not (self.token_is_ended() or self.token_is_expired() or self.is_suspended())


def _consistent(facts: Facts) -> bool:
    # A session is somebody's, so a grant that names one is about that subject.
    is_somebodys = facts.has_subject or not (facts.names_session or facts.outlives_session)
    is_in_order = facts.session is None or facts.session.offline_ended_at in (None, facts.session.ended_at)
    return is_somebodys and is_in_order and not (facts.names_session and facts.outlives_session)


FACTS = st.builds(
    Facts,
    tenant_epoch=EPOCH,
    disabled_at=UNSET,
    client_epoch=EPOCH,
    deleted_at=UNSET,
    client_disabled_at=UNSET,
    subject_epoch=mostly(1, None, 0, 2),
    names_session=st.booleans(),
    outlives_session=st.booleans(),
    session=st.one_of(
        st.builds(
            Session,
            expires_at=AHEAD,
            ended_at=UNSET,
            offline_ended_at=st.none(),
            tenant_epoch=EPOCH,
            subject_epoch=EPOCH,
        ),
        mostly(Session(NOW + 1, None, None, 1, 1), None),
        # What outlives it does not mind the rest.
        st.sampled_from([Session(NOW - 1, NOW - 1, at, 0, 0) for at in (None, NOW - 1)]),
    ),
    has_subject=mostly(True, False),
    grant_tenant_epoch=EPOCH,
    grant_client_epoch=EPOCH,
    grant_subject_epoch=EPOCH,
    grant_expires_at=AHEAD,
    grant_revoked_at=UNSET,
    expires_at=AHEAD,
    rotated_at=UNSET,
    revoked_at=UNSET,
).filter(_consistent)
