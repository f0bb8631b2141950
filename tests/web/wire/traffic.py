"""Everything that a server should never write down, sent to it in every way that clients find."""

import contextlib
import http.client
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import text

from rescind.domain.authority import Authority
from rescind.domain.secrets import new_code
from rescind.web.application import load_settings
from tests.patience import LONG_SECONDS, wait_until
from tests.protocol.assertions import TYPE as ASSERTION_TYPE
from tests.protocol.assertions import Asserting
from tests.protocol.raw_requests import request
from tests.servers import FORM, Client, Server, Tenant, gunicorn

CLAIMED_ADDRESS = "203.0.113.77"
ACCESS = re.compile(r'^(?P<peer>\S+) "[A-Z]+ /[^"]*" (?P<status>\d{3}) ', re.MULTILINE)


@dataclass
class Traffic:
    """What a server wrote while it was used, and the secrets that it was told or told itself."""

    log: str
    secrets: list[str]
    tenant: str


def run(url: str, folder: Path, secret_key: str) -> Traffic:
    """Start a server that logs each access, use and misuse it, take its store away, and read its log."""
    environment = {
        "RESCIND_DATABASE_URL": url,
        "RESCIND_SECRET_KEY": secret_key,
        "RESCIND_INSTANCE_PATH": str(folder),
        "GUNICORN_CMD_ARGS": "--access-logfile - --log-level debug",
    }
    log = folder / "log"
    with gunicorn(log, environment, workers=1) as (base_url, _), opened(environment, base_url) as server:
        tenant = server.new_tenant()
        secrets = [secret_key, *use(tenant), *misuse(tenant), *use_without_a_store(tenant)]
        # gunicorn writes its line after the answer, and is ended at once.
        wait_until(
            lambda: log.read_text().count('"event": "request"') == len(ACCESS.findall(log.read_text()))
        )
    return Traffic(log.read_text(), secrets, tenant.name)


@contextlib.contextmanager
def opened(environment: dict[str, str], base_url: str) -> Iterator[Server]:
    options = {name: value for name, value in environment.items() if name.startswith("RESCIND_")}
    authority = Authority.open(load_settings({**options, "RESCIND_PUBLIC_URL": base_url}))
    yield Server(authority, None, base_url)
    authority.store.dispose()


def use(tenant: Tenant) -> list[str]:
    """Do what clients do every day; give what must not be seen of it."""
    client, public = tenant.new_client(), tenant.new_client(is_public=True)
    first, foreign = public.issue(), client.issue()
    second = public.refresh(str(first.refresh_token)).json()
    third = public.refresh(second["refresh_token"]).json()
    public.refresh(str(first.refresh_token))
    token = client.access_token()
    client.introspect(token)
    client.revoke(token)
    client.revoke(first.access_token)
    public.revoke(str(foreign.refresh_token))
    issued = [first.access_token, str(first.refresh_token), foreign.access_token, str(foreign.refresh_token)]
    rotated = [pair[kind] for pair in (second, third) for kind in ("access_token", "refresh_token")]
    return [token, *issued, *rotated, str(client.secret), client.basic.removeprefix("Basic ")]


def misuse(tenant: Tenant) -> list[str]:
    """Send secrets to every place where they do not belong."""
    client = tenant.new_client()
    token, secret, wrong = client.access_token(), str(client.secret), "a-wrong-secret-0123456789"
    Client(tenant, client.client_id, wrong).revoke(token)
    client.post("token", grant_type=token, scope=token)
    client.post("token", grant_type="refresh_token", refresh_token=token, client_secret=secret)
    client.post("token", grant_type="password", username="alice", password=wrong)
    client.post("revoke", token=token, token_type_hint=token, unknown=token)
    client.post("revoke", token=f"{token}\0")
    both = f"token={token}&client_secret={secret}"
    for endpoint in ("revoke", "introspect", "token"):
        raw(client, "POST", f"{endpoint}?{both}", both.encode())
        raw(client, "GET", f"{endpoint}?{both}", b"")
        raw(client, "POST", endpoint, f"{both}&token={token}&junk=%ff%00".encode())
        raw(client, "POST", endpoint, f'{{"token": "{token}"}}'.encode(), content_type="application/json")
        raw(client, "POST", endpoint, both.encode(), authorization=f"Bearer {token}")
        raw(client, "POST", endpoint, both.encode(), authorization=f"Basic {secret}")
        raw(client, "POST", endpoint, both.encode() + b"x" * 70_000)
        raw(client, "POST", endpoint, both.encode() + b"\r\n", chunked=True)
        raw(client, "POST", f"../nothing?{both}", both.encode())
    code, verifier, assertion = new_code(), "v" * 43, Asserting.register(tenant).assertion()
    asserted = urlencode({"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion})
    public = tenant.new_client(is_public=True)
    public.post("token", grant_type="authorization_code", code=code, code_verifier=verifier)
    raw(client, "POST", f"token?code={code}&{asserted}", f"code={code}&{asserted}".encode())
    request(tenant, "token", f"grant_type=authorization_code&code={code}&{asserted}")
    request(tenant, "revoke", f"token={code}&{asserted}")
    return [token, secret, wrong, client.basic.removeprefix("Basic "), code, verifier, assertion]


def use_without_a_store(tenant: Tenant) -> list[str]:
    """Go on while every statement fails."""
    client, store = tenant.new_client(), tenant.server.authority.store
    issued = client.issue()
    with store.opened(is_writing=True) as tx:
        tx.execute(text(f"DROP TABLE {'' if store.is_sqlite else 'rescind.'}tokens"))
    replies = [
        client.revoke(issued.access_token),
        client.introspect(issued.access_token),
        client.refresh(str(issued.refresh_token)),
        client.post("token", grant_type="client_credentials"),
    ]
    assert [reply.status_code for reply in replies] == [503] * 4
    return [issued.access_token, str(issued.refresh_token), str(client.secret)]


def raw(
    client: Client,
    method: str,
    target: str,
    body: bytes,
    *,
    content_type: str = FORM,
    authorization: str | None = None,
    chunked: bool = False,
) -> None:
    """Send a request to the letter; with `chunked` in chunks that are none. The answer is ignored."""
    host = client.tenant.server.base_url.removeprefix("http://")
    headers = {
        "Content-Type": content_type,
        "Authorization": authorization or client.basic,
        "X-Forwarded-For": CLAIMED_ADDRESS,
    }
    framing = {"Transfer-Encoding": "chunked"} if chunked else {}
    connection = http.client.HTTPConnection(host, timeout=LONG_SECONDS)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request(method, f"{client.tenant.path}/{target}", body, headers | framing)
        connection.getresponse().read()
