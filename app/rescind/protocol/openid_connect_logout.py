"""OpenID Connect RP-Initiated and Back-Channel Logout 1.0: requests to sign out, and logout tokens.

No client authenticates here, so nothing but an ID token that this tenant once signed says who is meant, and
nothing but what a client registered says where the browser may go.

A request of which something is wrong is one to sign out nevertheless: whoever came with it wants to. What is
wrong is not used, and nobody is sent back to a client then (RP-Initiated Logout section 4).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from rescind.domain import clock, names, uris
from rescind.domain.authority import Authority
from rescind.domain.revoking.deliveries import LOGOUT_TOKEN_SECONDS, Letter
from rescind.protocol import forms, openid_connect_core
from rescind.store import clients
from rescind.store.records import ClientRecord, SessionRecord, TenantRecord
from rescind.store.spellings import composed

PARAMETERS = frozenset(
    {"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"}
)
LOGOUT_TOKEN = "logout+jwt"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Hint:
    """Whom the client takes to be signed in, as an ID token of this tenant says."""

    subject: str
    sid: str | None
    client_id: str

    def is_about(self, session: SessionRecord) -> bool:
        """Tell whether it means this session; if it names none, it means each of the subject's."""
        return composed(self.subject) == composed(session.subject) and self.sid in (None, session.sid)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a request that have a value; none where they have a fault."""

    values: Mapping[str, str] = field(default_factory=dict)
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A request to sign out that was checked.

    Attributes:
        hint: None where whoever asks has not shown whom it is about.
        client: None where it is not known on whose behalf.
        redirect_to: where to go afterwards, `state` and all; None for a page of our own.
        fault: what is wrong with it, to be said behind a colon; None where nothing is.
    """

    hint: Hint | None
    client: ClientRecord | None
    redirect_to: str | None
    fault: str | None = None


def read_parameters(encoded: bytes) -> Parameters:
    """Read the parameters of a request: the query of a GET, the body of a POST."""
    try:
        pairs = forms.parse(encoded)
    except ValueError:
        return Parameters(fault="what it sent can't be read")
    if forms.has_nul(pairs):
        return Parameters(fault="what it sent contains a NUL character")
    if forms.repeated(pairs, PARAMETERS):
        return Parameters(fault="it sent a parameter twice")
    return Parameters({name: value for name, value in pairs if value})


def check(authority: Authority, tenant: TenantRecord, issuer: str, parameters: Parameters) -> LogoutRequest:
    """Check a request to sign out (RP-Initiated Logout sections 2 and 3).

    Raises:
        StoreUnavailable: nothing is known.
    """
    values, fault = parameters.values, parameters.fault
    client_id, token = values.get("client_id"), values.get("id_token_hint")
    hint = _read_hint(authority, tenant, issuer, token) if token is not None else None
    if token is not None and hint is None:
        fault = "it showed an ID token that is none of this server's"
    if hint is not None and client_id not in (None, hint.client_id):
        hint, client_id, fault = None, None, "it showed an ID token of another app"
    named = hint.client_id if hint is not None else client_id
    client = _find_client(authority, tenant, named)
    if client is None and named is not None:
        fault = "it is not known here"
    uri = values.get("post_logout_redirect_uri")
    if uri is not None and (client is None or uri not in uris.usable(client.post_logout_redirect_uris)):
        fault = fault or "the address that it gave is not registered"
    if client is not None and client.disabled_at is not None:
        fault = fault or "it was stopped by whoever runs this server"
    redirect_to = None if uri is None or fault is not None else _with_state(uri, values.get("state"))
    return LogoutRequest(hint, client, redirect_to, fault)


def logout_token(authority: Authority, letter: Letter) -> str:
    """Write a logout token (Back-Channel Logout section 2.4). Without a nonce: it is no ID token.

    Raises:
        StoreUnavailable: the signing key is not known.
    """
    now = clock.now()
    claims = {
        "iss": authority.settings.issuer(letter.tenant.name),
        "aud": letter.client_id,
        "iat": now,
        "exp": now + LOGOUT_TOKEN_SECONDS,
        "jti": secrets.token_urlsafe(16),
        "sub": None if letter.names_session_alone else letter.subject,
        "sid": letter.session_sid,
        "events": {LOGOUT_EVENT: {}},
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return openid_connect_core.sign(authority, letter.tenant.id, claims, LOGOUT_TOKEN)


def _read_hint(authority: Authority, tenant: TenantRecord, issuer: str, token: str) -> Hint | None:
    claims = openid_connect_core.read_hint(authority, tenant.id, issuer, token)
    if claims is None:
        return None
    sid = claims.get("sid")
    return Hint(str(claims["sub"]), None if sid is None else str(sid), str(claims["aud"]))


def _find_client(authority: Authority, tenant: TenantRecord, client_id: str | None) -> ClientRecord | None:
    if client_id is None or not names.is_client_id(client_id):
        return None
    with authority.store.reading() as tx:
        client = clients.find(tx, tenant.id, client_id)
    return None if client is None or client.deleted_at is not None else client


def _with_state(uri: str, state: str | None) -> str:
    if state is None:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': state})}"
