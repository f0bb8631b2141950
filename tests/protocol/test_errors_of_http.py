"""RFC 9110 section 15: errors that HTTP names and OAuth does not, short and without a word of the inside."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from rescind.store import transactions
from tests.protocol.raw_requests import SIMPLEST, request
from tests.servers import FORM, Client, Server, error_of

ENDPOINTS = pytest.mark.parametrize("endpoint", SIMPLEST)
OTHER_METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "REVOKE"]
MOST_BYTES = 64 * 1024


def shows_inside(reply: httpx.Response) -> bool:
    """Tell whether a reply is longer than it need be, or holds words that only the inside has."""
    inside = ("Traceback", ".py", "<", "Werkzeug", "Flask", "SELECT", "rescind.", "Error:")
    return len(reply.content) > 300 or any(word in f"{reply.text} {reply.headers}" for word in inside)


@pytest.mark.requirement("ERR-07")
@pytest.mark.parametrize(
    "path",
    ["/nothing", "/t/nobody/oauth2/{endpoint}", "{tenant}/{endpoint}/", "{tenant}/nothing", "//{endpoint}"],
)
@ENDPOINTS
def test_s15_5_5_what_is_not_there_is_a_short_404(client: Client, endpoint: str, path: str) -> None:
    path = path.format(tenant=client.tenant.path, endpoint=endpoint)

    with client.tenant.server.http() as http:
        reply = http.post(
            f"http://127.0.0.1:8000{path}",
            content=SIMPLEST[endpoint],
            headers={"Content-Type": FORM, "Authorization": client.basic},
        )

    assert (reply.status_code, reply.headers["Content-Type"]) == (404, "application/json")
    assert reply.headers["Cache-Control"] == "no-store"
    assert not shows_inside(reply)


@pytest.mark.requirement("REV-22")
@pytest.mark.requirement("ERR-07")
@pytest.mark.parametrize("method", OTHER_METHODS)
@pytest.mark.parametrize("query", ["", "token={token}"], ids=["in the body", "in the query"])
def test_s15_5_6_another_method_than_post_is_a_405_and_revokes_nothing(
    client: Client, method: str, query: str
) -> None:
    token = client.access_token()

    reply = request(
        client.tenant,
        "revoke",
        f"token={token}",
        method=method,
        query=query.format(token=token),
        authorization=client.basic,
    )

    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST")
    assert reply.headers["Cache-Control"] == "no-store"
    assert not shows_inside(reply)
    assert client.is_active(token)


@pytest.mark.requirement("REV-22")
def test_a_header_or_parameter_does_not_change_the_method(client: Client) -> None:
    token = client.access_token()

    reply = request(
        client.tenant,
        "revoke",
        f"token={token}&_method=POST",
        method="GET",
        authorization=client.basic,
        headers={"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST"},
    )

    assert reply.status_code == 405
    assert client.is_active(token)


@pytest.mark.requirement("REV-25")
@pytest.mark.requirement("ERR-07")
def test_s15_5_14_a_body_above_the_limit_is_a_short_413_and_revokes_nothing(client: Client) -> None:
    token = client.access_token()
    body = f"token={token}&padding="

    reply = request(
        client.tenant, "revoke", body + "x" * (MOST_BYTES + 1 - len(body)), authorization=client.basic
    )

    assert (reply.status_code, reply.headers["Content-Type"]) == (413, "application/json")
    assert reply.headers["Cache-Control"] == "no-store"
    assert not shows_inside(reply)
    assert client.is_active(token)


@pytest.mark.requirement("REV-25")
def test_a_body_of_just_the_limit_is_read_whole(client: Client) -> None:
    token = client.access_token()
    end = f"&token={token}"

    reply = request(
        client.tenant,
        "revoke",
        "padding=".ljust(MOST_BYTES - len(end), "x") + end,
        authorization=client.basic,
    )

    assert reply.status_code == 200
    assert not client.is_active(token)


@contextmanager
def broken(server: Server) -> Iterator[None]:
    """Let every statement fail in a way that nobody has thought of."""

    def fail(dialect: str, statement: str) -> None:
        raise LookupError(f"Traceback in rescind.store at {statement}")

    transactions.watchers.append(fail)
    try:
        yield
    finally:
        transactions.watchers.remove(fail)


@pytest.mark.requirement("ERR-07")
@ENDPOINTS
def test_s15_6_1_what_is_not_expected_is_a_500_without_a_word_about_it(
    server: Server, client: Client, endpoint: str
) -> None:
    with broken(server):
        reply = request(client.tenant, endpoint, SIMPLEST[endpoint], authorization=client.basic)

    assert (reply.status_code, error_of(reply)) == (500, "server_error")
    assert reply.headers["Cache-Control"] == "no-store"
    assert not shows_inside(reply)
