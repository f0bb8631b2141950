"""The OpenAPI description in the package, held against what the endpoints answer."""

import os
from importlib import resources
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis import checks

from tests.extent import tries
from tests.servers import Client, Server

DESCRIPTION = resources.files("rescind") / "openapi.yaml"
SCHEMA = schemathesis.openapi.from_file(DESCRIPTION.read_text())
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
Case = schemathesis.Case[Any]

# What people see, and answers with pages: no interface for programs.
PAGES = {"/", "/t/{tenant}"} | {
    f"/t/{{tenant}}/{path}"
    for path in (
        "oauth2/authorize",
        "oidc/logout",
        "sign-in",
        "consent",
        "switch-account",
        "account",
        "account/remove-access",
        "account/end-session",
        "account/sign-out-everywhere",
        "account/password",
        "device",
        "device/decision",
        "account/tokens",
        "account/tokens/revoke",
        "style.css",
    )
}

# A short form of what `make fuzz` does at length.
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", tries(12)))


@pytest.fixture(scope="module")
def fuzzed(live_server: Server) -> Client:
    """Give a client whose tenant is fuzzed; it may ask about every access token."""
    return live_server.new_tenant().new_client(scope="read write", is_resource_server=True)


def test_the_description_is_valid_openapi() -> None:
    validate(yaml.safe_load(DESCRIPTION.read_text()))


def test_every_path_of_the_blueprint_is_described(server: Server) -> None:
    assert server.app is not None
    rules = {rule.rule.replace("<", "{").replace(">", "}") for rule in server.app.url_map.iter_rules()}

    assert rules - {"/healthz", "/readyz"} - PAGES == set(yaml.safe_load(DESCRIPTION.read_text())["paths"])


@pytest.mark.requirement("ERR-07")
@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_the_description_allows_is_answered_as_it_says(case: Case, fuzzed: Client) -> None:
    case.path_parameters["tenant"] = fuzzed.tenant.name

    response = case.call(base_url=fuzzed.tenant.server.base_url)

    case.validate_response(response, checks=CHECKS)
    assert "Traceback" not in response.text


@pytest.mark.requirement("ERR-07")
@SCHEMA.include(method="POST", tag="tokens").parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_authenticated_client_is_answered_as_the_description_says(case: Case, fuzzed: Client) -> None:
    case.path_parameters["tenant"] = fuzzed.tenant.name
    parameters = case.body if isinstance(case.body, dict) else {}
    case.body = {name: value for name, value in parameters.items() if not name.startswith("client_")}
    case.headers.clear()
    case.headers["Authorization"] = fuzzed.basic

    response = case.call(base_url=fuzzed.tenant.server.base_url)

    case.validate_response(response, checks=CHECKS)
    assert response.status_code != 401


@pytest.mark.requirement("TEN-06")
@pytest.mark.requirement("TEN-07")
@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_tenant_that_does_not_exist_is_not_found(case: Case, live_server: Server) -> None:
    response = case.call(base_url=live_server.base_url)

    case.validate_response(response, checks=CHECKS)
    assert response.status_code == 404
