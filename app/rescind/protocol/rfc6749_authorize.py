"""RFC 6749 section 4.1.1, Authorization Request, as RFC 7636, RFC 9207 and RFC 9700 have it.

Two kinds of errors. As long as client and redirect URI are not known to belong together, an error is shown
to the person at the browser; from then on it goes back to the client, with `state` and `iss`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from rescind.domain import names
from rescind.domain.tokens import pkce
from rescind.domain.tokens.codes import OFFLINE_ACCESS
from rescind.errors import BadValue
from rescind.protocol import forms
from rescind.protocol.rfc8252_native_apps import is_registered
from rescind.store.records import ClientRecord
from rescind.store.spellings import composed

QUERY = "query"
FORM_POST = "form_post"
PROMPTS = frozenset({"none", "login", "consent", "select_account"})

# Others are ignored (section 3.1).
_RECOGNISED = frozenset(
    {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "prompt", "max_age",
        "login_hint", "response_mode", "code_challenge", "code_challenge_method", "request", "request_uri",
        "registration", "id_token_hint", "display", "ui_locales", "claims", "acr_values",
    }
)  # fmt: skip
_LONGEST_NONCE = 1000
# For what comes after a sign-in that was made for a request. Who has just signed in has a minute to decide,
# however little the client allows: with less nobody could.
FRESH_SECONDS = 600
_LEAST_FRESH_SECONDS = 60
_FOR_A_SIGN_IN = frozenset({"login", "select_account"})
_SECONDS = re.compile(r"[0-9]{1,9}")
_NOT_SUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class ShownError(Exception):
    """Nobody can be trusted to redirect to; the person is told (section 4.1.2.1). The text is a sentence."""


class RedirectedError(Exception):
    """An error for the client (section 4.1.2.1, OpenID Connect Core section 3.1.2.6)."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.code, self.description = code, description


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a request that have a value, and the names of those that came twice.

    `resource` alone may: see `resources`.
    """

    values: Mapping[str, str]
    doubled: frozenset[str] = frozenset()
    resources: tuple[str, ...] = ()

    @property
    def client_id(self) -> str | None:
        """The client id; None where it is missing, doubled or could be none."""
        value = self.values.get("client_id")
        return value if value and "client_id" not in self.doubled and names.is_client_id(value) else None


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where an answer goes and what comes with each (RFC 9207 section 2)."""

    redirect_uri: str
    state: str | None
    response_mode: str = QUERY


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that was checked."""

    client_id: str
    address: ReturnAddress
    scope: tuple[str, ...]
    code_challenge: str = field(repr=False)
    nonce: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str | None = None
    hinted_subject: str | None = None
    resource: tuple[str, ...] = ()

    def asks_for_sign_in(self, auth_time: int, now: int) -> bool:
        """Tell whether a sign-in of that time will not do (OpenID Connect Core section 3.1.2.1)."""
        is_old = self.max_age is not None and (self.max_age == 0 or now - auth_time > self.max_age)
        return is_old or bool(self.prompt & _FOR_A_SIGN_IN)

    def is_met_by(self, auth_time: int, now: int, *, is_fresh: bool) -> bool:
        """Tell whether a sign-in still does when the person has decided, which may be much later.

        Args:
            is_fresh: it was made for this request, or after it.
        """
        if not is_fresh:
            return not self.asks_for_sign_in(auth_time, now)
        limits = [FRESH_SECONDS] if self.prompt & _FOR_A_SIGN_IN else []
        limits += [] if self.max_age is None else [max(self.max_age, _LEAST_FRESH_SECONDS)]
        return all(now - auth_time <= limit for limit in limits)

    def is_for(self, subject: str) -> bool:
        """Tell whether the client would take this subject: it may have named one by `id_token_hint`."""
        return self.hinted_subject is None or composed(self.hinted_subject) == composed(subject)


def read(query: bytes) -> Parameters:
    """Read the parameters out of a query or a body.

    Raises:
        ShownError: it is not well-formed.
    """
    try:
        query.decode("ascii")
        pairs = forms.parse(query)
    except ValueError:
        raise ShownError("The address of this page is malformed.") from None
    if forms.has_nul(pairs):
        raise ShownError("The address of this page is malformed.")
    return Parameters(
        {name: value for name, value in pairs if value},
        doubled=forms.repeated(pairs, _RECOGNISED),
        resources=forms.resources(pairs),
    )


def return_address(parameters: Parameters, client: ClientRecord | None) -> ReturnAddress:
    """Find where an answer may go.

    Raises:
        ShownError: the client is unknown or disabled, or the redirect URI missing or not one of its own.
    """
    if parameters.doubled & {"client_id", "redirect_uri"}:
        raise ShownError("The address of this page names the application or its return address twice.")
    if client is None:
        raise ShownError("The application that sent you here is not known.")
    if client.disabled_at is not None:
        raise ShownError("The application that sent you here was stopped by whoever runs this server.")
    redirect_uri = parameters.values.get("redirect_uri")
    if redirect_uri is None:
        raise ShownError("The application that sent you here did not say where to return to.")
    if not is_registered(redirect_uri, client):
        raise ShownError("The application that sent you here is not registered with this return address.")
    state = None if "state" in parameters.doubled else parameters.values.get("state")
    mode = QUERY if "response_mode" in parameters.doubled else parameters.values.get("response_mode", QUERY)
    can_post = mode == FORM_POST and redirect_uri.startswith(("https:", "http:"))
    return ReturnAddress(redirect_uri, state, FORM_POST if can_post else QUERY)


def still_allows(asked: AuthorizationRequest, client: ClientRecord) -> bool:
    """Tell whether a client that was registered anew meanwhile may still ask for the same."""
    return (
        is_registered(asked.address.redirect_uri, client)
        and "authorization_code" in client.grant_types
        and set(asked.scope) <= set(client.scope)
    )


def check(parameters: Parameters, client: ClientRecord, address: ReturnAddress) -> AuthorizationRequest:
    """Check the rest of a request.

    Raises:
        RedirectedError: something of it is wrong.
    """
    if parameters.doubled:
        raise RedirectedError("invalid_request", "A parameter was sent twice.")
    values = parameters.values
    for name, code in _NOT_SUPPORTED.items():
        if name in values:
            raise RedirectedError(code, f"The parameter {name} is not supported.")
    if values.get("response_mode", QUERY) != address.response_mode:
        raise RedirectedError("invalid_request", "The response_mode is query, or form_post to http or https.")
    if "response_type" not in values:
        raise RedirectedError("invalid_request", "The parameter response_type is missing.")
    if values["response_type"] != "code":
        raise RedirectedError("unsupported_response_type", "The response_type is code.")
    if "authorization_code" not in client.grant_types:
        raise RedirectedError("unauthorized_client", "The client is not registered for authorization_code.")
    nonce = values.get("nonce")
    if nonce is not None and len(nonce) > _LONGEST_NONCE:
        raise RedirectedError("invalid_request", f"The nonce has at most {_LONGEST_NONCE} characters.")
    return AuthorizationRequest(
        client_id=client.client_id,
        address=address,
        code_challenge=_code_challenge(values),
        scope=_scope(values.get("scope"), client),
        nonce=nonce,
        prompt=_prompt(values.get("prompt", "")),
        max_age=_max_age(values.get("max_age")),
        login_hint=values.get("login_hint"),
    )


def as_parameters(asked: AuthorizationRequest) -> dict[str, str | tuple[str, ...]]:
    """Write a request down as its client sent it, without what says for whom."""
    address = asked.address
    parameters: dict[str, str | tuple[str, ...] | None] = {
        "response_type": "code",
        "client_id": asked.client_id,
        "redirect_uri": address.redirect_uri,
        "response_mode": address.response_mode,
        "scope": " ".join(asked.scope),
        "state": address.state,
        "nonce": asked.nonce,
        "prompt": " ".join(sorted(asked.prompt)),
        "max_age": None if asked.max_age is None else str(asked.max_age),
        "code_challenge": asked.code_challenge,
        "code_challenge_method": "S256",
        "resource": asked.resource,
    }
    return {name: value for name, value in parameters.items() if value}


def response_uri(address: ReturnAddress, parameters: Mapping[str, str]) -> str:
    """Add an answer's parameters to the redirect URI, and leave what that has itself (section 3.1.2).

    What may stand in a query as it is does so: a long `state` comes back no longer than it was sent.
    """
    uri = address.redirect_uri
    joint = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{joint}{urlencode(parameters, quote_via=quote, safe=':/?@')}"


def success(address: ReturnAddress, issuer: str, code: str) -> dict[str, str]:
    """Give the parameters of an answer with a code. It comes first: an SDK looks for `?code=`."""
    return {"code": code, **_with_each(address, issuer)}


def failure(address: ReturnAddress, issuer: str, error: RedirectedError) -> dict[str, str]:
    """Give the parameters of an answer with an error."""
    return {"error": error.code, "error_description": error.description, **_with_each(address, issuer)}


def _with_each(address: ReturnAddress, issuer: str) -> dict[str, str]:
    return {**({} if address.state is None else {"state": address.state}), "iss": issuer}


def _code_challenge(values: Mapping[str, str]) -> str:
    """Demand PKCE, and S256: a method that is missing means `plain` (RFC 7636 section 4.3)."""
    challenge = values.get("code_challenge", "")
    if values.get("code_challenge_method") != "S256" or not pkce.is_challenge(challenge):
        raise RedirectedError("invalid_request", "A code_challenge of the method S256 is required (PKCE).")
    return challenge


def _scope(asked: str | None, client: ClientRecord) -> tuple[str, ...]:
    """Drop what the client does not have. Who asks for nothing gets all but what outlives the session."""
    try:
        words = names.scope(asked or "")
    except BadValue:
        raise RedirectedError("invalid_scope", "The scope is malformed.") from None
    if not words:
        return tuple(word for word in client.scope if word != OFFLINE_ACCESS)
    scope = tuple(word for word in words if word in client.scope)
    if not scope:
        raise RedirectedError("invalid_scope", "Nothing of the scope is registered for this client.")
    return scope


def _prompt(asked: str) -> frozenset[str]:
    prompt = frozenset(asked.split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise RedirectedError("invalid_request", "A prompt is none alone, or login, consent, select_account.")
    return prompt


def _max_age(asked: str | None) -> int | None:
    if asked is None:
        return None
    if not _SECONDS.fullmatch(asked):
        raise RedirectedError("invalid_request", "The max_age is a whole number of seconds.")
    return int(asked)
