"""RFC 6749 section 3.3: the scope that a request asks for, against the scope that it may have."""

from rescind.domain import names
from rescind.errors import BadValue
from rescind.protocol.rfc6749_errors import InvalidScope


def within(asked: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Give the scope that is asked for; all that is allowed where none is asked for.

    Raises:
        InvalidScope: it is malformed, or more than is allowed.
    """
    if not asked:
        return allowed
    try:
        scope = names.scope(asked)
    except BadValue:
        raise InvalidScope(
            "The scope is malformed: words of printable ASCII, single spaces between."
        ) from None
    if not set(scope) <= set(allowed):
        raise InvalidScope("The scope is more than this client or this grant may have.")
    return scope
