"""When two spellings name one resource, and what is none."""

from pathlib import Path

import pytest
from sqlalchemy import text

from rescind.canonical_resources import canonical
from rescind.domain.registry import clients
from rescind.domain.resources import covers, is_meant_for
from rescind.errors import BadValue, Refused
from tests import stores
from tests.store.apart import serving


@pytest.mark.requirement("RES-01")
@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("https://mcp.example/v1", "https://mcp.example/v1"),
        ("HTTPS://MCP.Example/v1/", "https://mcp.example/v1"),
        ("https://mcp.example:443/", "https://mcp.example"),
        ("https://mcp.example:8443/V1", "https://mcp.example:8443/V1"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://mcp.example/?to=/", "https://mcp.example?to=/"),
        ("urn:example:notes", "urn:example:notes"),
        ("api://Notes", "api://notes"),
    ],
)
def test_scheme_host_default_port_and_a_slash_at_the_end_make_no_difference(written: str, form: str) -> None:
    assert canonical(written) == form
    assert canonical(form) == form


@pytest.mark.requirement("RES-01")
@pytest.mark.parametrize(
    "value",
    [
        *("", "mcp.example", "//mcp.example", "/v1", "https://", "https:/v1", "mailto:"),
        *("https://mcp.example#", "https://mcp.example/#v1", "https://user@mcp.example"),
        *("https://mcp.example/a b", "https://mcp.example/\n", " https://mcp.example", "https://mcp.exämple"),
        *("https://mcp.example:99999", "https://[::1", "https://mcp.example\\v1", "https://a/" + "a" * 1000),
    ],
)
def test_what_is_no_absolute_uri_or_could_be_read_as_two_is_refused(value: str) -> None:
    with pytest.raises(BadValue):
        canonical(value)


def test_an_audience_is_compared_with_resources_and_not_with_what_begins_alike() -> None:
    known = ("https://mcp.example/v1",)

    assert is_meant_for(("https://other.example", "https://MCP.example/v1/"), known)
    assert not is_meant_for(("https://mcp.example/v10", "https://mcp.example"), known)
    assert not is_meant_for((), known)


def test_what_names_no_resource_covers_none_and_none_covers_it() -> None:
    assert covers(("https://a.example", "https://b.example"), ("https://A.example/",))
    assert not covers((), ("https://a.example",))
    assert not covers(("https://a.example",), ())
    assert covers((), ())


def test_no_client_gets_resources_while_workers_may_be_left_that_know_nothing_of_them(tmp_path: Path) -> None:
    url = stores.new_migrated_file(tmp_path / "rescind.sqlite3")
    with serving(url, tmp_path) as server, server.authority.store.opened(is_writing=True) as connection:
        connection.execute(text(stores.UNSETTLE.format(schema="")))
    with serving(url, tmp_path) as server:
        tenant = server.new_tenant()
        client = tenant.new_client(is_resource_server=True)
        resources = ["https://notes.example"]

        with pytest.raises(Refused, match="upgrade --finish"):
            clients.update(server.authority, tenant.record, client.client_id, resources=resources)
        with pytest.raises(Refused, match="upgrade --finish"):
            tenant.new_client(is_resource_server=True, resources=resources)
