"""RFC 7009, OAuth 2.0 Token Revocation."""

import pytest

from tests.servers import Client, Server


@pytest.mark.requirement("REV-01")
@pytest.mark.requirement("REV-04")
def test_s2_a_revoked_access_token_is_dead_at_once(client: Client) -> None:
    token = client.access_token()
    assert client.is_active(token)

    reply = client.revoke(token)

    assert reply.status_code == 200
    assert not client.is_active(token)


@pytest.mark.requirement("REV-01")
def test_s2_on_gunicorn_with_two_workers(live_server: Server) -> None:
    client = live_server.new_tenant().new_client()
    token = client.access_token()
    assert client.is_active(token)

    reply = client.revoke(token)

    assert reply.status_code == 200
    assert not client.is_active(token)
