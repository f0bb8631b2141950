"""`rescind.guard`: what a resource server in Python asks, against a real gunicorn."""

import asyncio
import socket
from collections.abc import Iterator

import httpx
import pytest

from rescind.guard import ActiveToken, Guard, GuardError, NotTold
from tests.servers import Client, Server


@pytest.fixture
def tenant_client(live_server: Server) -> Client:
    return live_server.new_tenant().new_client(scope="read write")


@pytest.fixture
def guard(tenant_client: Client) -> Iterator[Guard]:
    asking = tenant_client.tenant.new_client(is_resource_server=True)
    with Guard(tenant_client.tenant.issuer, asking.client_id, asking.secret or "") as made:
        yield made


def test_a_token_is_told_about_until_it_is_revoked(guard: Guard, tenant_client: Client) -> None:
    token = tenant_client.issue(subject="alice", scope=("read",)).access_token
    told = guard.check(token)
    tenant_client.post("revoke", token=token)

    assert told is not None
    assert (told.subject, told.client_id, told.scope) == ("alice", tenant_client.client_id, ("read",))
    assert told.has_scope("read") and not told.has_scope("read", "write")
    assert guard.check(token) is None


def test_it_asks_in_an_event_loop_too_and_from_the_revocation_on_says_no(
    guard: Guard, tenant_client: Client
) -> None:
    token = tenant_client.issue(subject="alice").access_token

    async def told() -> list[ActiveToken | None]:
        async with guard:
            before = await guard.check_async(token)
            await asyncio.to_thread(tenant_client.post, "revoke", token=token)
            return [before, await guard.check_async(token)]

    before, after = asyncio.run(told())

    assert before is not None and before.subject == "alice"
    assert after is None


def test_no_refresh_token_opens_anything_even_of_the_guards_own_client(tenant_client: Client) -> None:
    issued = tenant_client.issue(subject="alice")

    with Guard(tenant_client.tenant.issuer, tenant_client.client_id, tenant_client.secret or "") as guard:
        assert guard.check(issued.access_token) is not None
        assert guard.check(issued.refresh_token or "") is None


@pytest.mark.parametrize("token", ["", "a b", "a\r\nb", "x" * 8193, "é", "\N{NULL}"])
def test_what_can_be_no_token_is_none(guard: Guard, token: str) -> None:
    assert guard.check(token) is None


def test_a_guard_that_the_server_does_not_know_is_an_error_and_no_token_is_named(
    tenant_client: Client,
) -> None:
    token = tenant_client.issue().access_token

    with (
        Guard(tenant_client.tenant.issuer, "nobody", "a-wrong-secret") as guard,
        pytest.raises(GuardError, match="401") as raised,
    ):
        guard.check(token)

    assert not isinstance(raised.value, NotTold)
    assert token not in str(raised.value) and "a-wrong-secret" not in str(raised.value)


def test_a_server_that_is_not_there_is_no_answer_and_no_token_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    guard = Guard(f"http://127.0.0.1:{port}/t/a/oauth2/token", "someone", "secret")

    with guard, pytest.raises(NotTold) as raised:
        guard.check("rat_a")

    assert "rat_a" not in str(raised.value)


def test_what_is_said_of_another_issuer_is_not_taken(guard: Guard, tenant_client: Client) -> None:
    """As where the endpoint that is named is one of another tenant."""
    token = tenant_client.issue().access_token
    endpoint, guard.issuer = guard.endpoint, guard.issuer.replace("/t/", "/t/not-")

    assert guard.endpoint == endpoint
    assert guard.check(token) is None


def test_the_endpoint_is_that_of_the_metadata(guard: Guard, tenant_client: Client) -> None:
    document = httpx.get(f"{tenant_client.tenant.issuer}/.well-known/openid-configuration").json()

    assert guard.endpoint == document["introspection_endpoint"]


def test_an_issuer_of_another_kind_of_server_has_to_say_where_to_ask() -> None:
    with pytest.raises(ValueError, match="introspection_endpoint"):
        Guard("https://as.example", "id", "secret")


def test_a_token_for_another_resource_is_none_and_one_for_ours_is_however_it_is_written(
    tenant_client: Client,
) -> None:
    ours, theirs = "https://notes.example/mcp", "https://mail.example"
    asking = tenant_client.tenant.new_client(is_resource_server=True, resources=[ours, theirs])
    meant = [tenant_client.access_token(resource=each) for each in (ours, theirs)]
    whole = tenant_client.access_token()

    with Guard(
        tenant_client.tenant.issuer,
        asking.client_id,
        asking.secret or "",
        resource="HTTPS://Notes.example:443/mcp/",
    ) as guard:
        told = [guard.check(token) for token in (*meant, whole)]

    assert told[0] is not None and told[0].audience == (ours,)
    assert told[1:] == [None, None]


def test_what_is_no_resource_is_refused_when_the_guard_is_made() -> None:
    with pytest.raises(ValueError, match="absolute URI"):
        Guard("https://as.example/t/a/oauth2/token", "id", "secret", resource="notes")
