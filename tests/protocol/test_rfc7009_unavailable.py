"""RFC 7009 section 2.2.1: a store that does not confirm; the client is told that its token still exists."""

import pytest

from tests.protocol.faults import failing
from tests.protocol.raw_requests import pair
from tests.servers import Client, Server, error_of


@pytest.mark.requirement("REV-38")
@pytest.mark.parametrize("statement", ["SELECT", "BEGIN", "UPDATE", "INSERT", "COMMIT"])
@pytest.mark.parametrize("which", [0, 1], ids=["access token", "refresh token"])
def test_s2_2_1_what_is_not_committed_is_never_answered_200(
    server: Server, client: Client, which: int, statement: str
) -> None:
    tokens = pair(client)

    with failing(server, statement):
        reply = client.revoke(tokens[which])

    assert (reply.status_code, error_of(reply)) == (503, "temporarily_unavailable")
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.headers["Cache-Control"] == "no-store"
    assert [client.is_active(token) for token in tokens] == [True, True]


@pytest.mark.requirement("REV-38")
def test_s2_2_1_the_same_request_may_be_made_again(server: Server, client: Client) -> None:
    token = client.access_token()
    with failing(server, "COMMIT"):
        client.revoke(token)

    reply = client.revoke(token)

    assert reply.status_code == 200
    assert not client.is_active(token)
