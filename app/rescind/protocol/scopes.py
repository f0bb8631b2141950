"""RFC 6749 section 3.3: the scope that a request asks for, against the scope that it may have."""

from rescind.domain import names
from rescind.errors import BadValue
from rescind.protocol.rfc6749_errors import InvalidScope

_TOO_MUCH = "The scope is more than this client or this grant may have."


def within(asked: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Give the scope that is asked for; all that is allowed where none is asked for.

    Raises:
        InvalidScope: it is malformed, or more than is allowed.
    """
    scope = words(asked)
    if not set(scope) <= set(allowed):
        raise InvalidScope(_TOO_MUCH)
    return scope or allowed


def narrowed(asked: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Do the same, and drop what is more than allowed: libraries ask for words of their own each time.

    The answer says what is given (section 5.1).

    Raises:
        InvalidScope: it is malformed, or nothing of it is allowed.
    """
    scope = words(asked)
    given = tuple(word for word in scope if word in allowed)
    if scope and not given:
        raise InvalidScope(_TOO_MUCH)
    return given or allowed


def words(asked: str | None) -> tuple[str, ...]:
    """Read the words of a scope; none where it is missing or holds spaces alone.

    Raises:
        InvalidScope: it is malformed.
    """
    try:
        return names.scope(asked or "")
    except BadValue:
        raise InvalidScope("The scope is malformed: words of printable ASCII, spaces between.") from None
