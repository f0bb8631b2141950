"""What the demonstration seeds, asks and prints."""

import base64
import contextlib
import json
import secrets
import subprocess
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from rescind.cli.output import Output
from rescind.domain.authority import Authority
from rescind.domain.people import users
from rescind.domain.registry import clients, tenants
from rescind.domain.revoking.epochs import Epochs, of_subject
from rescind.domain.tokens.issuing import Authorization, issue
from rescind.errors import Refused
from rescind.store import migrating

# The names in Asgardeo's guide to token revocation.
TENANT = "bifrost"
CLIENT_ID = "Wsoq8t4nHW80gSnPfyDvRbiC__Ea"
TOKEN = "292896cf-5525-3551-b9e2-1787f1114924"
# Whose token it is, which the guide does not say.
SUBJECT = "alice"

# Who signs in to the app of the demonstration in a browser.
PERSON = "sam"
APP_ID, APP_SCOPE = "demo-app", "openid"

GUIDE = "https://wso2.com/asgardeo/docs/guides/authentication/oidc/revoke-tokens/"
TOKEN_SECONDS = 86_400
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Seeded:
    """A confidential client that may ask about every access token of the tenant, and a person's password."""

    client_id: str
    client_secret: str
    password: str

    @property
    def basic(self) -> str:
        """Its Authorization header."""
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()


def seed(authority: Authority, app_redirect_uri: str) -> Seeded:
    """Make the tables, the guide's tenant, client and token, a client to ask with, an app, a person."""
    migrating.upgrade(authority.store)
    tenant = tenants.create(authority, TENANT)
    public = clients.create(authority, tenant, client_id=CLIENT_ID, is_public=True, scope="openid")
    authorization = Authorization(
        tenant_id=tenant.id,
        client_id=CLIENT_ID,
        epochs=Epochs.carried_by(tenant, public.client, of_subject(authority, tenant.id, SUBJECT)),
        scope=public.client.scope,
        subject=SUBJECT,
    )
    issue(authority, authorization, access_token_seconds=TOKEN_SECONDS, access_token=TOKEN)
    asker = clients.create(authority, tenant, client_id="demo-server", is_resource_server=True, scope="demo")
    clients.create(
        authority,
        tenant,
        client_id=APP_ID,
        name="Demo app",
        is_public=True,
        redirect_uris=(app_redirect_uri,),
        scope=APP_SCOPE,
    )
    password = secrets.token_urlsafe(9)
    users.create(authority, tenant, PERSON, password)
    authority.store.dispose()
    return Seeded(asker.client.client_id, str(asker.client_secret), password)


def play(out: Output, base_url: str, seeded: Seeded) -> bool:
    """Issue, see active, revoke, see inactive, over HTTP. Gives whether each answer was right."""
    asker = _Asker(out, base_url, seeded)
    issued = asker.ask("A client gets a token", "token", {"grant_type": "client_credentials"})
    token = str(issued.body.get("access_token"))
    before = asker.ask("Is it active? Yes", "introspect", {"token": token})
    revoked = asker.ask("It revokes the token", "revoke", {"token": token, "token_type_hint": "access_token"})
    after = asker.ask("Is it active? Not from the very next request on", "introspect", {"token": token})
    held = (
        issued.status == 200
        and before.body.get("active") is True
        and (revoked.status, revoked.text) == (200, "")
        and after.body == {"active": False}
    )
    out.show("\nHeld means that each of these four answers was what it has to be.")
    out.record({"held": held, "base_url": base_url})
    return held


def invitation(base_url: str, app_url: str, seeded: Seeded) -> str:
    """Say what to try in a browser, and the guide's command with the host changed and nothing else."""
    return f"""
In a browser: open {app_url} and sign in

    as {PERSON}, with the password {seeded.password}

and allow what the app asks for. Take it back in {base_url}/t/{TENANT}/account and load the app again.

On the command line: Asgardeo's guide to token revocation, for which Rescind is a drop-in, has a token in its
example, and that very token is active here. The guide:

{GUIDE}

Revoke it yourself, with the guide's own command, of which only the host is another:

curl --location --request POST '{base_url}/t/{TENANT}/oauth2/revoke' \\
--header 'Content-Type: application/x-www-form-urlencoded' \\
--data-urlencode 'token_type_hint=access_token' \\
--data-urlencode 'token={TOKEN}' \\
--data-urlencode 'client_id={CLIENT_ID}'

and see what has become of it:

curl --user '{seeded.client_id}:{seeded.client_secret}' --write-out '\\n' \\
--data-urlencode 'token={TOKEN}' '{base_url}/t/{TENANT}/oauth2/introspect'
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and what came with it."""

    status: int
    text: str

    @property
    def body(self) -> dict[str, object]:
        """The JSON object, or an empty one where there is none."""
        return dict(json.loads(self.text)) if self.text.startswith("{") else {}


class _Asker:
    """Sends requests as the seeded client, and prints each with its answer."""

    def __init__(self, out: Output, base_url: str, seeded: Seeded) -> None:
        self._out, self._base_url, self._seeded = out, base_url, seeded
        self._step = 0

    def ask(self, title: str, endpoint: str, form: dict[str, str]) -> Answer:
        """Send one form."""
        self._step += 1
        path, body = f"/t/{TENANT}/oauth2/{endpoint}", urlencode(form)
        headers = {"Authorization": self._seeded.basic, "Content-Type": "application/x-www-form-urlencoded"}
        answer = send(self._base_url, "POST", path, body, headers)
        self._out.show(f"\n{self._step}. {title}")
        self._out.show(f"   POST {path}")
        for name, value in headers.items():
            self._out.show(f"   {name}: {value}")
        self._out.show(f"   {body}")
        self._out.show(f"   -> {answer.status} {answer.text or '(no body)'}")
        return answer


def send(
    base_url: str, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """Send one request to the server itself, whatever proxy the environment names.

    Raises:
        Refused: it did not answer.
    """
    with contextlib.closing(
        HTTPConnection(base_url.removeprefix("http://"), timeout=PATIENCE_SECONDS)
    ) as http:
        try:
            http.request(method, path, body, headers or {})
            reply = http.getresponse()
            return Answer(reply.status, reply.read().decode())
        except (OSError, HTTPException) as error:
            raise Refused("The server did not answer.") from error


def wait_until_up(base_url: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers.

    Raises:
        Refused: it did not start.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(Refused):
            if send(base_url, "GET", "/readyz").status == HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise Refused("The server did not start.")
