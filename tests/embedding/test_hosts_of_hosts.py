"""An application that serves several hosts has ours at each of them."""

from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from rescind import Rescind
from tests.embedding.hosts import Base, Host, database, disposed
from tests.servers import SECRET_KEY

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture(params=["hosts", "subdomains"])
def host(request: pytest.FixtureRequest, store_url: str, tmp_path: Path) -> Host:
    """Give a host that tells its views apart by the host of a request."""
    if request.param == "hosts":
        app = Flask("host", instance_path=str(tmp_path), host_matching=True, static_folder=None)
    else:
        app = Flask("host", instance_path=str(tmp_path), subdomain_matching=True, static_folder=None)
        app.config["SERVER_NAME"] = "rescind.example"
    app.config.update({"RESCIND_SECRET_KEY": SECRET_KEY, "SECRET_KEY": "x", **database(store_url, tmp_path)})
    db = SQLAlchemy(app, metadata=Base.metadata)
    rescind = Rescind(app, db)
    request.addfinalizer(lambda: disposed(app, db, rescind))
    return Host(app, db, rescind)


@pytest.mark.parametrize("base_url", ["http://rescind.example", "http://login.rescind.example"])
def test_every_host_of_the_application_has_ours(host: Host, base_url: str) -> None:
    client = host.server.new_tenant().new_client()
    http, name = host.app.test_client(), client.tenant.name

    issued = http.post(
        f"{client.tenant.path}/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": client.basic},
        base_url=base_url,
    )
    assert issued.status_code == 200
    token = issued.get_json()["access_token"]
    revoked = http.post(
        f"{client.tenant.path}/revoke",
        data={"token": token},
        headers={"Authorization": client.basic},
        base_url=base_url,
    )
    account = http.get(f"/t/{name}/account", base_url=base_url)
    style = http.get(f"/t/{name}/style.css", base_url=base_url)
    document = http.get(f"/.well-known/oauth-authorization-server/t/{name}/oauth2/token", base_url=base_url)

    assert (revoked.status_code, account.status_code, style.status_code) == (200, 200, 200)
    assert document.get_json()["issuer"] == client.tenant.issuer
