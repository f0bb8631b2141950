"""The methods of client authentication, each as the headers and the form of a request about a token."""

from tests.protocol.assertions import TYPE as ASSERTION_TYPE
from tests.protocol.assertions import Asserting
from tests.servers import Tenant


def by_none(tenant: Tenant, token: str) -> tuple[dict[str, str], dict[str, str]]:
    client = tenant.new_client(is_public=True)
    return {}, {"client_id": client.client_id, "token": token}


def by_basic(tenant: Tenant, token: str) -> tuple[dict[str, str], dict[str, str]]:
    client = tenant.new_client(auth_method="client_secret_basic")
    return {"Authorization": client.basic}, {"token": token}


def by_post(tenant: Tenant, token: str) -> tuple[dict[str, str], dict[str, str]]:
    client = tenant.new_client(auth_method="client_secret_post")
    return {}, {"client_id": client.client_id, "client_secret": str(client.secret), "token": token}


def by_assertion(tenant: Tenant, token: str) -> tuple[dict[str, str], dict[str, str]]:
    assertion = Asserting.register(tenant).assertion()
    return {}, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, "token": token}


METHODS = {
    "none": by_none,
    "client_secret_basic": by_basic,
    "client_secret_post": by_post,
    "private_key_jwt": by_assertion,
}
