"""The kinds of requests that are measured, the same for the product and its peers."""

from dataclasses import dataclass

from tests.benchmarks import wire


@dataclass(frozen=True)
class Kind:
    """One kind of request.

    Attributes:
        endpoint: which of the three; where that is, each server says.
        expected: a regular expression that the whole body of a right answer matches.
        form: with a place for the token that each request brings, where it brings one.
        token: which kind of token that is: "access", of a client that acts for itself, or "refresh", of a
            grant about somebody. Each has a grant of its own.
        repeats: whether the same request may be sent over and over.
        changes: whether a request changes rows, which are counted afterwards.
    """

    name: str
    endpoint: str
    expected: str
    form: str
    token: str | None
    repeats: bool
    changes: bool


KINDS = (
    # Authlib answers with an empty object.
    Kind("revoke", "revoke", r"(\{\})?", "token={}", "access", repeats=False, changes=True),
    Kind(
        "introspect", "introspect", r'.*"active": ?true.*', "token={}", "access", repeats=True, changes=False
    ),
    Kind(
        "client_credentials",
        "token",
        r'.*"access_token": ?"[^"]{30,}".*',
        "grant_type=client_credentials",
        None,
        repeats=True,
        changes=True,
    ),
    Kind(
        "refresh",
        "token",
        r'.*"refresh_token": ?"[^"]{30,}".*',
        "grant_type=refresh_token&refresh_token={}",
        "refresh",
        repeats=False,
        changes=True,
    ),
)


def requests(kind: Kind, path: str, basic: str, tokens: list[str]) -> list[str]:
    """Write a request for each token, or one where the kind needs none."""
    forms = [kind.form.format(token) for token in tokens] if kind.token else [kind.form]
    return [wire.post(path, basic, form).decode() for form in forms]
