"""The host application that the manual shows, in this process and on both stores."""

from collections.abc import Iterator

import httpx
import pytest

from app import create_app
from app.models import db
from tests import stores
from tests.embedding.hosts import Host, disposed
from tests.servers import SECRET_KEY, Client, Tenant, error_of


@pytest.fixture(scope="module", params=stores.BACKENDS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Give the shop on a new database, with all tables made."""
    folder = tmp_path_factory.mktemp("shop")
    url = f"sqlite:///{folder}/shop.sqlite3"
    if request.param == "postgresql":
        url = stores.new_database(request.getfixturevalue("postgresql"))
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": url,
            "RESCIND_SECRET_KEY": SECRET_KEY,
            "RESCIND_INSTANCE_PATH": str(folder),
        }
    )
    shop = Host(app, db, app.extensions["rescind"])
    with app.app_context():
        db.create_all()
    shop.rescind.upgrade()
    yield shop
    disposed(app, db, shop.rescind)


@pytest.fixture(scope="module")
def tenant(shop: Host) -> Tenant:
    """Give the tenant whose tokens the shop takes."""
    return shop.server.new_tenant("bifrost")


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """Give an app that may ask for orders."""
    return tenant.new_client(scope="orders")


def signed_up(shop: Host, name: str) -> str:
    """Make a customer whose password is `old`."""
    with shop.server.http() as http:
        assert http.post("/customers", data={"name": name, "password": "old"}).status_code == 200
    return name


def orders(shop: Host, token: str) -> httpx.Response:
    """Ask for the orders with a token."""
    with shop.server.http() as http:
        return http.get("/orders", headers={"Authorization": f"Bearer {token}"})


def change_password(shop: Host, name: str, old: str) -> httpx.Response:
    """Sign in and change the password to `new`."""
    with shop.server.http() as http:
        return http.post("/password", auth=(name, old), data={"password": "new"})


def test_a_token_is_admitted_until_the_password_changes(shop: Host, client: Client) -> None:
    token = client.issue(signed_up(shop, "alice"), ("orders",)).access_token
    kept = client.issue(signed_up(shop, "bob"), ("orders",)).access_token
    admitted = orders(shop, token)

    reply = change_password(shop, "alice", "old")

    assert (admitted.status_code, admitted.text) == (200, "the orders of alice\n")
    assert (reply.status_code, reply.text) == (200, "changed\n")
    assert (orders(shop, token).status_code, error_of(orders(shop, token))) == (401, "invalid_token")
    assert not client.is_active(token)
    assert orders(shop, kept).status_code == 200
    assert change_password(shop, "alice", "old").status_code == 401


def test_nothing_ends_where_nobody_is_signed_in(shop: Host, client: Client) -> None:
    token = client.issue(signed_up(shop, "carol"), ("orders",)).access_token

    refused = change_password(shop, "carol", "wrong")

    assert refused.status_code == 401
    assert orders(shop, token).status_code == 200


def test_a_token_that_its_client_revokes_is_refused_and_the_shop_is_told(
    shop: Host, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    token = client.issue("dave", ("orders",)).access_token

    client.revoke(token)

    assert orders(shop, token).status_code == 401
    (told,) = [record.getMessage() for record in caplog.records if record.name == "app"]
    assert told.startswith("token ")
    assert told.endswith(" revoked: revocation-endpoint")


def test_a_scope_without_orders_is_not_enough(shop: Host, tenant: Tenant) -> None:
    token = tenant.new_client(scope="read").access_token()

    reply = orders(shop, token)

    assert (reply.status_code, error_of(reply)) == (403, "insufficient_scope")
