"""What names and scopes may look like. Each check gives the value back, or raises `BadValue`.

PostgreSQL takes no NUL, and a value that holds one must look the same on both stores; so whatever comes
from outside passes here before it reaches a statement.
"""

import re
import unicodedata

from rescind.errors import BadValue
from rescind.store.spellings import MAXIMUM_CHARACTERS, composed
from rescind.store.unseen import has_unseen, without_unseen

SHORTEST_SECRET_CHARACTERS = 32
# As long a name says what an app is called; a longer one is a text, which says what its reader is to do.
LONGEST_CLAIMED_CHARACTERS = 60
MOST_MARKS_OF_LETTER = 2

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,62}")
_CLIENT_ID = re.compile(r"[!-~]{1,255}")
_SCOPE_VALUE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
_SECRET = re.compile(r"[\x20-\x7E]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1F\x7F\uD800-\uDFFF]")
# They turn the direction of what stands around them, so that one name reads like another.
_BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_UNSEEN = frozenset({"Cf", "Cn", "Co", "Zl", "Zp"})
# They stand on what is before them, and on each other.
_MARKS = frozenset({"Mn", "Me"})
_LIKE_EACH_OTHER = frozenset(
    {
        *("LATIN", "CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE", "LISU", "FULLWIDTH"),
        "MATHEMATICAL",
    }
)


def is_tenant_name(name: str) -> bool:
    """Tell whether a path segment could name a tenant; any other is not looked up."""
    return _TENANT.fullmatch(name) is not None


def is_client_id(client_id: str) -> bool:
    """Tell whether a string could be a client id; any other is not looked up."""
    return _CLIENT_ID.fullmatch(client_id) is not None


def is_storable(value: str) -> bool:
    """Tell whether a string could be in the store at all; one with control characters never is."""
    return _UNPRINTABLE.search(value) is None


def tenant_name(name: str) -> str:
    """Check the name of a tenant that is to be made."""
    if not is_tenant_name(name):
        raise BadValue("A tenant name is 1 to 63 of A-Z a-z 0-9 . _ ~ - and begins with a letter or digit.")
    return name


def client_id(value: str) -> str:
    """Check a client id that is to be registered: one of another server, or a URL (RFC 6749 appendix A.1)."""
    if not is_client_id(value):
        raise BadValue("A client id is 1 to 255 printable ASCII characters without spaces.")
    return value


def client_secret(value: str) -> str:
    """Check a secret that an operator chose (RFC 6749 appendix A.2); guessing is slowed, not stopped."""
    if not _SECRET.fullmatch(value) or len(value) < SHORTEST_SECRET_CHARACTERS:
        raise BadValue(
            f"A client secret is {SHORTEST_SECRET_CHARACTERS} or more printable ASCII characters; "
            "where none is given, a good one is made up."
        )
    return value


def subject(value: str) -> str:
    """Check a subject identifier (OpenID Connect Core section 2: at most 255 characters), and compose it."""
    return composed(_text(value, "A subject"))


def username(value: str) -> str:
    """Check a username that is to be made, and give it composed.

    It is the subject, so it is exact: `Alice` is not `alice`.
    """
    if _shown(value, "A username") != value.strip() or value.startswith("-"):
        raise BadValue("A username has no space at its ends and does not begin with a hyphen.")
    return composed(value)


def claim(name: str) -> str:
    """Check the name of a claim."""
    return _text(name, "The name of a claim")


def reason(value: str) -> str:
    """Check the free text that an operator gives for a revocation."""
    return _text(value, "A reason")


def cause(value: str) -> str:
    """Check the name of a host's own cause, or of who acts."""
    return _text(value, "A cause or an actor")


def display_name(value: str) -> str:
    """Check the name that people are shown."""
    if not _is_seen(_shown(value, "A name")):
        raise BadValue("A name holds something that is seen.")
    return value


def claimed_name(value: str) -> str:
    """Check the name that a client gives itself, which nobody else has looked at.

    It is short, holds something to be read and nothing unseen, and neither mixes letters of alphabets that
    look alike nor piles marks on them.
    """
    name = composed(_shown(value, "A name"))
    if len(name) > LONGEST_CLAIMED_CHARACTERS:
        raise BadValue(f"A name is {LONGEST_CLAIMED_CHARACTERS} characters at most.")
    kinds = [unicodedata.category(each) for each in name]
    if name != name.strip() or not _UNSEEN.isdisjoint(kinds) or has_unseen(name):
        raise BadValue("A name has no space at its ends and no character that is not seen.")
    marks = "".join("^" if kind in _MARKS else "a" for kind in kinds)
    if marks.startswith("^") or "^" * (MOST_MARKS_OF_LETTER + 1) in marks:
        raise BadValue(
            f"A name has {MOST_MARKS_OF_LETTER} marks behind a letter at most, and none before it."
        )
    if not any(each.isalnum() for each in name):
        raise BadValue("A name has a letter or a digit.")
    alphabets = {unicodedata.name(each, "").partition(" ")[0] for each in name if each.isalpha()}
    if len(alphabets & _LIKE_EACH_OTHER) > 1:
        raise BadValue("A name does not mix alphabets whose letters look alike.")
    return name


def name_to_show(name: str | None, client_id: str) -> str:
    """Give what people are shown of a client: its name, unless there is none or it was never checked."""
    return client_id if not name or not _is_seen(name) or _BIDIRECTIONAL.search(name) else name


def is_showable(name: str) -> bool:
    """Tell whether people may be shown a name that a client gives itself; see `claimed_name`."""
    try:
        claimed_name(name)
    except BadValue:
        return False
    return True


def _is_seen(name: str) -> bool:
    return bool(without_unseen(name).strip())


def _shown(value: str, what: str) -> str:
    if _BIDIRECTIONAL.search(_text(value, what)):
        raise BadValue(f"{what} holds no characters that change the direction of writing.")
    return value


def _text(value: str, what: str) -> str:
    if not value or len(value) > MAXIMUM_CHARACTERS or _UNPRINTABLE.search(value):
        raise BadValue(f"{what} is 1 to {MAXIMUM_CHARACTERS} characters without control characters.")
    return value


def scope(value: str) -> tuple[str, ...]:
    """Split a scope (RFC 6749 section 3.3) into its values, each once, in the order given.

    More spaces than one between them, or some at the ends, are no fault: people join words so.
    """
    values = tuple(dict.fromkeys(word for word in value.split(" ") if word))
    if not all(_SCOPE_VALUE.fullmatch(each) for each in values):
        raise BadValue("A scope is words of printable ASCII with spaces between.")
    return values


def registered_scope(value: str) -> tuple[str, ...]:
    """Split a scope that is to be registered, in which a comma is taken for a mistake."""
    if "," in value:
        raise BadValue('The words of a scope have spaces between, and no commas: "read write".')
    return scope(value)
