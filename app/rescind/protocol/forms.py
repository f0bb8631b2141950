"""RFC 6749 section 3.2 and appendix B: the parameters of a request, read strictly.

What a lenient parser would mend in silence is refused here: bytes outside UTF-8, NUL, a parameter that
comes twice, one in the query where it would be logged. Two different byte strings never become one value,
but for the white space around a token.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

from rescind.protocol.rfc6749_errors import InvalidRequest

MEDIA_TYPE = "application/x-www-form-urlencoded"
MOST_PARAMETERS = 100
# What has a meaning in a query is not among them (RFC 3986 section 3.4).
_PLAIN = "!$'()*,;:@/?"

Parsed = Sequence[tuple[str, str]]
# The one that may come several times, where it means something (RFC 8707 section 2).
RESOURCE = "resource"

CLIENT_PARAMETERS = frozenset({"client_id", "client_secret", "client_assertion", "client_assertion_type"})
TOKEN_PARAMETERS = frozenset({"token", "token_type_hint"})
GRANT_PARAMETERS = frozenset(
    {"grant_type", "scope", "refresh_token", "code", "redirect_uri", "code_verifier", "device_code"}
)
_NEVER_IN_QUERY = (
    CLIENT_PARAMETERS
    | TOKEN_PARAMETERS
    | GRANT_PARAMETERS
    | {RESOURCE, "access_token", "username", "password"}
)


class Form(dict[str, str]):
    """The parameters of a body, by name.

    Attributes:
        resources: every value of `resource`, in order.
    """

    resources: tuple[str, ...] = ()


def read_form(body: bytes, content_type: str, query: str, recognised: frozenset[str]) -> Form:
    """Read the parameters of a POST request.

    Args:
        body: as it came, not longer than the server allows.
        content_type: the header, or "" where there was none.
        query: the query of the URL, undecoded.
        recognised: parameters of this endpoint, which may come once. Others are ignored.

    Returns:
        The parameters that have a value; an empty one counts as omitted. No token holds white space, so what
        a file or a clipboard has put around the parameter `token` is taken off.

    Raises:
        InvalidRequest: see the module.
    """
    if not is_form(content_type):
        raise InvalidRequest(f"The body must be {MEDIA_TYPE}.")
    pairs = _pairs(body)
    _refuse_query(query)
    if repeated(pairs, recognised):
        raise InvalidRequest("A parameter was sent twice.")
    form = Form((name, value) for name, value in pairs if value)
    form.resources = resources(pairs)
    if "token" in form:
        # Of white space alone something has to be left: it is a token that nobody knows.
        form["token"] = form["token"].strip() or form["token"]
    return form


def is_form(content_type: str) -> bool:
    """Tell whether a Content-Type, "" where there was none, is that of a form."""
    return content_type.partition(";")[0].strip().lower() == MEDIA_TYPE


def parse(encoded: bytes) -> list[tuple[str, str]]:
    """Take parameters apart, in their order, with those that are empty.

    Raises:
        UnicodeDecodeError: they are not valid UTF-8.
        ValueError: they are more than `MOST_PARAMETERS`.
    """
    return parse_qsl(
        encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
    )


def has_nul(pairs: Parsed) -> bool:
    """Tell whether a name or a value contains the one character that PostgreSQL can't store."""
    return any("\0" in name or "\0" in value for name, value in pairs)


def repeated(pairs: Parsed, recognised: frozenset[str]) -> frozenset[str]:
    """Give those of the recognised parameters that come more than once."""
    names = [name for name, _ in pairs if name in recognised]
    return frozenset(name for name in names if names.count(name) > 1)


def resources(pairs: Parsed) -> tuple[str, ...]:
    """Give every resource that is asked for; an empty one counts as omitted."""
    return tuple(value for name, value in pairs if name == RESOURCE and value)


def write_query(parameters: Mapping[str, str | tuple[str, ...]]) -> str:
    """Write parameters as a query, as short as one may be (RFC 3986 section 3.4); of several values each."""
    return urlencode(parameters, doseq=True, safe=_PLAIN)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse(body)
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not valid UTF-8.") from None
    except ValueError:
        raise InvalidRequest(f"The body has more than {MOST_PARAMETERS} parameters.") from None
    if has_nul(pairs):
        raise InvalidRequest("The body contains a NUL character.")
    return pairs


def _refuse_query(query: str) -> None:
    if not query:
        return
    # Only names are looked at, so bytes that are not UTF-8 do no harm here.
    names = {name for name, _ in parse_qsl(query, keep_blank_values=True, errors="replace")}
    if names & _NEVER_IN_QUERY:
        raise InvalidRequest("Parameters belong in the body; in a URL they would be logged.")
