"""RFC 6749 section 5.2, and RFC 9110 where it decides: every error of the three POST endpoints."""

import re
from dataclasses import dataclass

import httpx
import pytest

from tests.protocol.raw_requests import SIMPLEST, basic, form, look, raw_basic, request
from tests.servers import Client

ENDPOINTS = pytest.mark.parametrize("endpoint", SIMPLEST)
REGISTERED = {
    *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client"),
    *("unsupported_grant_type", "invalid_scope", "unsupported_token_type"),
}
NASTY = "\"\\\r\n\t\x7fé漢💩'<b>%22\u2028"


@dataclass(frozen=True)
class Failing:
    """A request that fails: all that it takes to send it, and the status that comes back."""

    status: int
    endpoint: str
    body: str
    authorization: str | None = "{basic}"
    content_type: str = "application/x-www-form-urlencoded"
    query: str = ""

    def send(self, client: Client) -> httpx.Response:
        """Send it for this client."""
        authorization = self.authorization and self.authorization.format(basic=client.basic)
        return request(
            client.tenant,
            self.endpoint,
            self.body,
            query=self.query,
            content_type=self.content_type,
            authorization=authorization,
        )


NASTY_FORM = form(("client_id", NASTY), ("token_type_hint", NASTY), ("scope", NASTY), (NASTY, NASTY))
FAILING = {
    "no token": Failing(400, "revoke", ""),
    "token in the query": Failing(400, "revoke", "", query="token=x"),
    "media type": Failing(400, "revoke", "token=x", content_type="text/plain"),
    "twice": Failing(400, "introspect", "token=x&token=x"),
    "NUL": Failing(400, "introspect", "token=%00"),
    "no UTF-8": Failing(400, "token", "grant_type=%FF"),
    "two methods": Failing(400, "token", "grant_type=client_credentials&client_secret=x"),
    "no grant type": Failing(400, "token", ""),
    "unknown grant type": Failing(400, "token", "grant_type=password"),
    "nasty grant type": Failing(400, "token", form(("grant_type", NASTY))),
    "nasty scope": Failing(400, "token", form(("grant_type", "client_credentials"), ("scope", NASTY))),
    "more scope": Failing(400, "token", "grant_type=client_credentials&scope=admin"),
    "refresh token": Failing(400, "token", form(("grant_type", "refresh_token"), ("refresh_token", NASTY))),
    "nasty form": Failing(400, "revoke", NASTY_FORM),
    "no client": Failing(401, "revoke", "token=x", authorization=None),
    "nasty client": Failing(401, "revoke", NASTY_FORM, authorization=None),
    "unknown client": Failing(401, "introspect", "token=x&client_id=nobody", authorization=None),
    "wrong secret": Failing(401, "token", "client_id=x&client_secret=y", authorization=None),
    "wrong Basic": Failing(401, "token", "", authorization=basic("nobody", NASTY)),
    "malformed Basic": Failing(401, "introspect", "token=x", authorization=raw_basic(NASTY.encode())),
    "other scheme": Failing(401, "revoke", "token=x", authorization="Bearer x"),
}


@pytest.mark.requirement("ERR-01")
@pytest.mark.requirement("ERR-02")
@pytest.mark.requirement("ERR-03")
@pytest.mark.parametrize("failing", FAILING.values(), ids=FAILING)
def test_rfc6749_s5_2_an_error_is_json_of_registered_members_and_characters(
    client: Client, failing: Failing
) -> None:
    reply = failing.send(client)

    body = reply.json()
    assert reply.status_code == failing.status
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert set(body) <= {"error", "error_description", "error_uri"}
    assert body["error"] in REGISTERED
    assert re.fullmatch(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+", body["error_description"])


@pytest.mark.requirement("ERR-04")
@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("revoke", "token=s3cr3t&token=s3cr3t"),
        ("revoke", "token=s3cr3t%00"),
        ("revoke", "token=x&client_secret=s3cr3t"),
        ("revoke", "client_id=s3cr3t&client_assertion=s3cr3t&client_assertion_type=s3cr3t"),
        ("introspect", "s3cr3t=s3cr3t"),
        ("token", "grant_type=password&username=s3cr3t&password=s3cr3t"),
        ("token", "grant_type=s3cr3t&code=s3cr3t&code_verifier=s3cr3t"),
        ("token", "grant_type=authorization_code&code=s3cr3t&redirect_uri=s3cr3t&code_verifier=s3cr3t"),
        ("token", "grant_type=refresh_token&refresh_token=s3cr3t"),
        ("token", "grant_type=client_credentials&scope=s3cr3t"),
    ],
)
@pytest.mark.parametrize(
    ("authorization", "query"),
    [("{basic}", ""), ("{wrong}", ""), (None, ""), ("Bearer s3cr3t", ""), ("{basic}", "token=s3cr3t")],
    ids=["right client", "wrong secret", "no client", "Bearer", "query"],
)
def test_no_error_repeats_what_was_sent(
    client: Client, endpoint: str, body: str, authorization: str | None, query: str
) -> None:
    sent = authorization and authorization.format(basic=client.basic, wrong=basic(client.client_id, "s3cr3t"))

    reply = request(client.tenant, endpoint, body, authorization=sent, query=query)

    assert reply.status_code in {400, 401}
    assert "s3cr3t" not in f"{reply.text} {reply.headers}"


@pytest.mark.requirement("ERR-05")
@pytest.mark.parametrize("scheme", ["Basic", "basic", "Bearer", "Digest"])
@ENDPOINTS
def test_rfc6749_s5_2_a_401_to_a_request_with_a_header_challenges_by_basic(
    client: Client, endpoint: str, scheme: str
) -> None:
    authorization = basic(client.client_id, "wrong").replace("Basic", scheme)

    reply = request(client.tenant, endpoint, SIMPLEST[endpoint], authorization=authorization)

    assert reply.status_code == 401
    assert re.fullmatch(r'Basic realm="[^"]+"(, charset="UTF-8")?', reply.headers["WWW-Authenticate"])


@pytest.mark.requirement("ERR-06")
@pytest.mark.parametrize(
    "credentials",
    ["", "&client_id=nobody", "&client_id=nobody&client_secret=x", "&client_assertion=a.b.c"],
    ids=["none", "id alone", "id and secret", "assertion"],
)
@ENDPOINTS
def test_rfc9110_s15_5_2_a_401_to_a_request_without_a_header_never_challenges_by_basic(
    client: Client, endpoint: str, credentials: str
) -> None:
    reply = request(client.tenant, endpoint, SIMPLEST[endpoint] + credentials)

    assert reply.status_code == 401
    assert re.fullmatch(r'Bearer realm="[^"]+", error="invalid_client"', reply.headers["WWW-Authenticate"])


@pytest.mark.requirement("ERR-08")
@ENDPOINTS
def test_nobody_learns_from_basic_whether_a_client_exists(client: Client, endpoint: str) -> None:
    known = request(
        client.tenant, endpoint, SIMPLEST[endpoint], authorization=basic(client.client_id, "wrong")
    )

    unknown = request(client.tenant, endpoint, SIMPLEST[endpoint], authorization=basic("nobody", "wrong"))

    assert known.status_code == 401
    assert look(unknown) == look(known)


@pytest.mark.requirement("ERR-08")
@pytest.mark.parametrize("secret", ["", "&client_secret=wrong"], ids=["no secret", "wrong secret"])
@ENDPOINTS
def test_nobody_learns_from_the_body_whether_a_client_exists(
    client: Client, endpoint: str, secret: str
) -> None:
    body = f"{SIMPLEST[endpoint]}{secret}&client_id="
    known = request(client.tenant, endpoint, f"{body}{client.client_id}")

    unknown = request(client.tenant, endpoint, f"{body}nobody")

    assert known.status_code == 401
    assert look(unknown) == look(known)
