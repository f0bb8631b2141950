"""No page may be read by a script of another origin, though a client lists it (Fetch standard, CORS)."""

import pytest

from tests.attacks.forms import FORMS
from tests.attacks.routes import GET, POST, answers
from tests.servers import Server, Tenant
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import new_client

ORIGIN = "https://app.example"


@pytest.mark.requirement("COR-06")
@pytest.mark.parametrize("method", [GET, POST, "OPTIONS"])
@pytest.mark.parametrize("origin", [ORIGIN, "null", "https://evil.example"])
def test_no_page_at_any_address_can_be_read(
    server: Server, alices: Browser, tenant: Tenant, method: str, origin: str
) -> None:
    new_client(tenant, allowed_origins=[ORIGIN])
    alices.http.headers.update({"Origin": origin, "Access-Control-Request-Method": "POST"})

    found = answers(server, alices, tenant.name, method)

    shared = [path for path, reply in found.items() if "access-control" in str(reply.headers).lower()]
    assert shared == []
    assert {*FORMS, "account", "oauth2/authorize"} <= set(found)
