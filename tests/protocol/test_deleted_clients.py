"""A client that was deleted is nobody: also one without a secret, of which nothing else has to be known."""

from collections.abc import Callable

import httpx
import pytest

from rescind.domain.registry import clients
from tests.protocol.assertions import Asserting
from tests.servers import CALLBACK, Client, Tenant, error_of
from tests.web.pages.asking import address_of, request

Ask = Callable[[Client], httpx.Response]
ASKED: dict[str, Ask] = {
    "revoke": lambda client: client.revoke("unknown"),
    "a grant that does not exist": lambda client: client.refresh("unknown"),
    "a grant type that is none": lambda client: client.post("token", grant_type="none"),
}


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give a public client."""
    return tenant.new_client(is_public=True, redirect_uris=[CALLBACK], scope="openid notes")


def delete(client: Client) -> None:
    clients.delete(client.tenant.server.authority, client.tenant.record, client.client_id, actor="test")


@pytest.mark.requirement("REG-04")
@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_6749_s5_2_it_is_not_admitted(client: Client, ask: Ask) -> None:
    before = ask(client)
    delete(client)

    after = ask(client)

    assert before.status_code in {200, 400}
    assert after.status_code == 401
    assert error_of(after) == "invalid_client"


@pytest.mark.requirement("REG-04")
def test_7523_s3_its_key_is_good_for_nothing(tenant: Tenant) -> None:
    signing = Asserting.register(tenant)
    before = signing.post("revoke", token="unknown")
    delete(signing.client)

    after = signing.post("revoke", token="unknown")

    assert before.status_code == 200
    assert after.status_code == 401
    assert error_of(after) == "invalid_client"


@pytest.mark.requirement("REG-04")
def test_6749_s4_1_2_1_nobody_is_led_back_to_it(client: Client) -> None:
    with client.tenant.server.http() as http:
        before = http.get(address_of(client.tenant), params=request(client, scope="other"))
        delete(client)

        after = http.get(address_of(client.tenant), params=request(client, scope="other"))

    assert before.headers["Location"].startswith(CALLBACK)
    assert after.status_code == 400
    assert "Location" not in after.headers
