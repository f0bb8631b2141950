"""When two spellings name one resource, and what is none."""

import pytest

from rescind.domain.resources import canonical, covers, is_meant_for
from rescind.errors import BadValue


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
