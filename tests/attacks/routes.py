"""Every address at which there is a page, as the application itself lists them: a new one can't be missed."""

from typing import Any

import httpx

from tests.servers import Server
from tests.web.pages.browser import Browser

POST, GET = "POST", "GET"


def answers(server: Server, browser: Browser, tenant: str, method: str) -> dict[str, httpx.Response]:
    """Ask every address of a tenant in the name of whoever sits at the browser, with nothing in the request.

    Returns:
        The answers for people, by the rest of the path; those for programs are JSON.
    """
    assert server.app is not None
    prefix = "/t/<tenant>/"
    paths = [rule.rule.removeprefix(prefix) for rule in server.app.url_map.iter_rules()]
    under_tenant = [path for path in paths if not path.startswith("/")]
    body: dict[str, Any] = {"data": {"x": "y"}} if method == POST else {}
    asked = {path: browser.http.request(method, f"/t/{tenant}/{path}", **body) for path in under_tenant}
    return {path: reply for path, reply in asked.items() if is_page(reply)}


def is_page(reply: httpx.Response) -> bool:
    """Tell whether an answer is for people."""
    return str(reply.headers.get("Content-Type", "")).startswith("text/html")
