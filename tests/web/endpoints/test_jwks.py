"""RFC 7517: the published keys of a tenant, which are public ones and nothing else."""

import httpx
import pytest

from rescind.domain.registry import tenants
from tests.protocol.assertions import PRIVATE
from tests.servers import Tenant

APP = "https://app.example"


def get(tenant: Tenant, method: str = "GET", **headers: str) -> httpx.Response:
    with tenant.server.http() as http:
        return http.request(method, f"{tenant.path}/jwks", headers=headers)


@pytest.mark.requirement("MET-12")
def test_s5_a_key_says_what_it_is_for_and_keeps_its_secret(tenant: Tenant) -> None:
    reply = get(tenant)

    (key,) = reply.json()["keys"]
    assert reply.headers["Content-Type"] == "application/json"
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
    assert len(key["kid"]) == 43
    assert PRIVATE.isdisjoint(key)
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}


@pytest.mark.requirement("MET-12")
def test_s5_the_first_key_is_made_once(tenant: Tenant) -> None:
    first = get(tenant).json()

    assert get(tenant).json() == first


@pytest.mark.requirement("MET-12")
def test_s5_no_two_tenants_have_a_key_in_common(tenant: Tenant, other_tenant: Tenant) -> None:
    (one,), (other,) = (get(each).json()["keys"] for each in (tenant, other_tenant))

    assert one["kid"] != other["kid"]
    assert one["n"] != other["n"]


@pytest.mark.requirement("MET-11")
def test_a_page_of_a_client_may_read_them_with_credentials(tenant: Tenant) -> None:
    tenant.new_client(is_public=True, allowed_origins=[APP])

    reply = get(tenant, Origin=APP)

    assert reply.headers["Access-Control-Allow-Origin"] == APP
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in reply.headers["Vary"]


@pytest.mark.requirement("MET-11")
def test_every_other_page_may_read_them_without_credentials(tenant: Tenant) -> None:
    reply = get(tenant, Origin=APP)

    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.requirement("MET-11")
def test_they_may_be_kept_for_a_short_time(tenant: Tenant) -> None:
    reply = get(tenant)

    assert reply.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.requirement("MET-11")
def test_head_answers_as_get_without_them(tenant: Tenant) -> None:
    reply = get(tenant, "HEAD")

    assert reply.status_code == 200
    assert reply.content == b""


@pytest.mark.requirement("MET-11")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_they_are_only_read(tenant: Tenant, method: str) -> None:
    reply = get(tenant, method)

    assert reply.status_code == 405
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.requirement("TEN-10")
def test_a_tenant_that_is_disabled_is_not_found(tenant: Tenant) -> None:
    tenants.disable(tenant.server.authority, tenant.name, actor="operator:test")

    reply = get(tenant)

    assert reply.status_code == 404
    assert "keys" not in reply.json()
