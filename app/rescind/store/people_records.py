"""What the statements give back of people, as frozen values. Times are whole seconds since 1970, UTC."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PersonalTokenRecord:
    """A token that a person has made for themselves, by its grant."""

    grant_id: str
    name: str
    given_scope: tuple[str, ...]
    left_scope: tuple[str, ...]
    created_at: int
    expires_at: int
    used_at: int | None

    @property
    def scope(self) -> tuple[str, ...]:
        """What it may do now: an operator may have taken something away from all of them."""
        return tuple(each for each in self.given_scope if each in self.left_scope)


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What is known of a user beside password and state. `claims` is a JSON object: whatever else it is."""

    username: str
    email: str | None
    is_email_verified: bool | None
    display_name: str | None
    picture: str | None
    phone: str | None
    claims: str | None


@dataclass(frozen=True, slots=True)
class UserRecord:
    """Somebody who signs in at the built-in pages. Without a password hash nobody can."""

    username: str
    password_hash: str | None
    created_at: int
    disabled_at: int | None
    person: PersonRecord


@dataclass(frozen=True, slots=True)
class AttemptsRecord:
    """How often something was tried in a window of time, and how long that lasts."""

    attempts: int
    seconds_left: int
