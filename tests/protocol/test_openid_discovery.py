"""OpenID Connect Discovery 1.0: the document tells a client all that it needs, and where."""

from typing import Any

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url

from tests.protocol.id_tokens import openid_client, signed_in, verified
from tests.servers import Tenant


def document_of(tenant: Tenant) -> dict[str, Any]:
    """Fetch the document from where section 4 puts it."""
    with tenant.server.http() as http:
        reply = http.get(get_well_known_url(tenant.issuer, external=True))
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document


@pytest.mark.requirement("OID-06")
@pytest.mark.settings(public_url="https://auth.example.com")
def test_s4_an_independent_client_finds_and_accepts_it(tenant: Tenant) -> None:
    document = document_of(tenant)

    OpenIDProviderMetadata(document).validate()
    assert document["issuer"] == tenant.issuer


@pytest.mark.requirement("OID-06")
def test_s3_it_says_how_id_tokens_are_made(tenant: Tenant) -> None:
    document = document_of(tenant)

    assert document["subject_types_supported"] == ["public"]
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    assert document["scopes_supported"] == ["openid", "profile", "email", "phone", "offline_access"]


@pytest.mark.requirement("OID-06")
def test_s3_every_claim_that_may_be_in_an_id_token_is_listed(tenant: Tenant) -> None:
    client = openid_client(tenant)
    response = signed_in(client, nonce="n", session_sid=tenant.new_session("alice"))

    claims = verified(tenant, response["id_token"]).claims

    of_people = ["name", "preferred_username", "picture", "email", "email_verified", "phone_number"]
    assert sorted(document_of(tenant)["claims_supported"]) == sorted([*claims, *of_people])


@pytest.mark.requirement("OID-06")
@pytest.mark.parametrize("kind", ["claims_parameter", "request_parameter", "request_uri_parameter"])
def test_s3_what_a_request_can_not_have_is_said_not_to_work(tenant: Tenant, kind: str) -> None:
    document = document_of(tenant)

    assert document[f"{kind}_supported"] is False


@pytest.mark.requirement("MET-03")
@pytest.mark.requirement("MET-12")
def test_s3_the_endpoints_are_those_of_this_tenant(tenant: Tenant) -> None:
    base = f"{tenant.server.base_url}/t/{tenant.name}"

    document = document_of(tenant)

    assert document["authorization_endpoint"] == f"{base}/oauth2/authorize"
    assert document["userinfo_endpoint"] == f"{base}/oauth2/userinfo"
    assert document["jwks_uri"] == f"{base}/oauth2/jwks"
    assert document["end_session_endpoint"] == f"{base}/oidc/logout"


@pytest.mark.requirement("MET-09")
def test_rfc9207_s3_the_issuer_in_authorization_responses_is_announced(tenant: Tenant) -> None:
    document = document_of(tenant)

    assert document["authorization_response_iss_parameter_supported"] is True


@pytest.mark.requirement("MET-03")
def test_s3_only_the_code_comes_back_by_query_or_form(tenant: Tenant) -> None:
    document = document_of(tenant)

    assert document["response_types_supported"] == ["code"]
    assert document["response_modes_supported"] == ["query", "form_post"]
    assert document["prompt_values_supported"] == ["none", "login", "consent", "select_account"]
