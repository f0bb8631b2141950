"""Client ids of any printable ASCII (RFC 6749 appendix A.1): those of other servers, and URLs."""

import pytest

from rescind.errors import BadValue
from tests.cli.event_rows import event_rows
from tests.protocol.client_ids import each_id
from tests.protocol.raw_requests import form, request
from tests.servers import Client, Tenant

REFUSED = {
    "empty": "",
    "space": "two words",
    "line feed": "a\n",
    "NUL": "a\0",
    "DEL": "a\x7f",
    "no ASCII": "ä",
    "too long": "a" * 256,
}


@pytest.fixture
def named(tenant: Tenant, client_id: str) -> Client:
    return tenant.new_client(client_id=client_id, scope="read")


@pytest.mark.requirement("AUT-02")
@each_id
def test_rfc6749_s2_3_1_an_id_comes_form_encoded_in_basic(named: Client) -> None:
    token = named.access_token()

    described = named.introspect(token).json()

    assert (described["client_id"], described["sub"]) == (named.client_id, named.client_id)
    assert named.revoke(token).status_code == 200
    assert not named.is_active(token)


@pytest.mark.requirement("AUT-02")
@each_id
def test_rfc6749_s2_3_1_an_id_comes_form_encoded_in_the_body(named: Client) -> None:
    token = named.access_token()
    body = form(("token", token), ("client_id", named.client_id), ("client_secret", str(named.secret)))

    assert request(named.tenant, "revoke", body).status_code == 200
    assert not named.is_active(token)


@each_id
def test_a_public_client_is_named_so(tenant: Tenant, resource_server: Client, client_id: str) -> None:
    public = tenant.new_client(client_id=client_id, is_public=True)
    token = public.issue().access_token
    assert resource_server.is_active(token)

    assert public.revoke(token).status_code == 200
    assert not resource_server.is_active(token)


@pytest.mark.parametrize("client_id", REFUSED.values(), ids=REFUSED)
def test_what_is_no_id_is_refused(tenant: Tenant, client_id: str) -> None:
    with pytest.raises(BadValue, match="A client id is 1 to 255 printable ASCII characters without spaces"):
        tenant.new_client(client_id=client_id)


@each_id
def test_the_record_of_a_revocation_names_it(named: Client) -> None:
    token = named.access_token()

    named.revoke(token)

    (row,) = event_rows(named.tenant)
    assert (row["actor"], row["client_id"]) == (f"client:{named.client_id}", named.client_id)
