"""What a revocation names: a token, grant, session or access, or all of a subject, a client or a tenant."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Token:
    """One token, by its string. With it ends its grant, unless its client revokes single tokens."""

    kind: ClassVar[str] = "token"
    tenant: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        """Take off the white space around it: no token holds any."""
        object.__setattr__(self, "token", self.token.strip() or self.token)


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant with all its tokens."""

    kind: ClassVar[str] = "grant"
    tenant: str
    grant_id: str


@dataclass(frozen=True, slots=True)
class Session:
    """One session with the grants that name it; the same as its logout."""

    kind: ClassVar[str] = "session"
    tenant: str
    sid: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Every session and grant of a subject. Grants of client_credentials have no subject."""

    kind: ClassVar[str] = "subject"
    tenant: str
    subject: str


@dataclass(frozen=True, slots=True)
class Client:
    """Every grant of a client."""

    kind: ClassVar[str] = "client"
    tenant: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """Every session and grant of a tenant."""

    kind: ClassVar[str] = "tenant"
    tenant: str


@dataclass(frozen=True, slots=True)
class Access:
    """All that a subject has given one client, also what outlives sessions; its sessions go on.

    Each grant ends by an event of its own: what it costs grows with their number.
    """

    kind: ClassVar[str] = "access"
    tenant: str
    subject: str
    client_id: str


# What one statement ends.
Single = Token | Grant | Session | Subject | Client | Tenant
Selector = Single | Access
