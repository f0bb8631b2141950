"""A host's views behind `require_token`, where Flask-WTF protects the others from forged requests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from tests.embedding.hosts import Host, database, hosting
from tests.servers import Client

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def protect(app: Flask, db: SQLAlchemy) -> None:
    """Have Flask-WTF refuse every POST without its token."""
    CSRFProtect(app)


def order() -> str:
    """Take an order."""
    return "ordered"


@pytest.fixture
def host(store_url: str, tmp_path: Path) -> Iterator[Host]:
    with hosting(tmp_path, database(store_url, tmp_path), after=protect) as host:
        yield host


@pytest.fixture
def headers(host: Host) -> dict[str, str]:
    client: Client = host.server.new_tenant().new_client()
    guarded = host.rescind.require_token(tenant=client.tenant.name)
    host.app.add_url_rule("/orders/guarded", "guarded", guarded(order), methods=["POST"])
    return {"Authorization": f"Bearer {client.issue().access_token}"}


def test_a_post_with_a_token_needs_no_other(host: Host, headers: dict[str, str]) -> None:
    """A token in a header is no cookie: no page of another site can send it along."""
    host.app.add_url_rule("/orders/new", view_func=lambda: "a new order", methods=["POST"])
    with host.server.http() as http:
        guarded = [http.post("/orders/guarded", headers=each).status_code for each in (headers, {})]
        unguarded = http.post("/orders/new", headers=headers).status_code

    assert guarded == [200, 401]
    assert unguarded == 400


def test_a_view_without_a_token_is_not_taken_for_one_of_the_same_name(
    host: Host, headers: dict[str, str]
) -> None:
    host.app.add_url_rule("/orders/open", "open", order, methods=["POST"])
    with host.server.http() as http:
        replies = [http.post(f"/orders/{name}", headers=headers) for name in ("guarded", "open")]

    assert [reply.status_code for reply in replies] == [400, 400]


def test_a_view_with_the_decorator_above_its_route_answers_nothing(
    host: Host, headers: dict[str, str]
) -> None:
    """As it is typed by who is new to Flask: the route has the view without what stands above."""

    def orders() -> str:
        return "all orders"

    host.app.config["PROPAGATE_EXCEPTIONS"] = False
    host.rescind.require_token("orders")(host.app.get("/orders/all")(orders))
    with host.server.http() as http:
        replies = [http.get("/orders/all", headers=each) for each in ({}, headers)]

    assert [reply.status_code for reply in replies] == [500, 500]
    assert "all orders" not in "".join(reply.text for reply in replies)
