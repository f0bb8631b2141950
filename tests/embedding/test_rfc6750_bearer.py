"""RFC 6750: `@rescind.require_token`, the host's own views behind an active access token."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from rescind import Rescind, Subject
from rescind.domain import clock
from rescind.domain.registry import tenants
from rescind.errors import SettingsError
from tests.embedding.hosts import Base, Host, configured, database, disposed, hosting
from tests.servers import Client, Tenant, error_of


def have_views(app: Flask, db: SQLAlchemy) -> None:
    """Serve views of all sorts; each shows what it knows of the token."""
    rescind: Rescind = app.extensions["rescind"]

    def show(**arguments: str) -> dict[str, Any]:
        token = rescind.current_token
        known = {name: getattr(token, name) for name in ("subject", "client_id", "scope", "is_clients_own")}
        return {**known, **arguments}

    async def show_later(**arguments: str) -> dict[str, Any]:
        return show(**arguments)

    app.add_url_rule("/<tenant>/any", "any", rescind.require_token()(show))
    app.add_url_rule("/<tenant>/read", "read", rescind.require_token("read")(show))
    app.add_url_rule("/<tenant>/both", "both", rescind.require_token("read write")(show))
    app.add_url_rule("/<tenant>/async", "async", rescind.require_token("read")(show_later))
    app.add_url_rule("/<tenant>/fixed", "fixed", rescind.require_token(tenant="fixed")(show))
    app.add_url_rule("/nobody", "nobody", rescind.require_token()(show))
    app.add_url_rule("/open", "open", show)
    # An error of the host's own is for its tests to see.
    app.config["PROPAGATE_EXCEPTIONS"] = True


@pytest.fixture
def host(store_url: str, tmp_path: Path) -> Iterator[Host]:
    """Give a host with these views."""
    with hosting(tmp_path, database(store_url, tmp_path), after=have_views) as host:
        yield host
    clock.set(None)


def get(host: Host, path: str, authorization: str | None = None) -> httpx.Response:
    """Ask a view of the host, on a new connection."""
    headers = {} if authorization is None else {"Authorization": authorization}
    with host.server.http() as http:
        return http.get(path, headers=headers)


def show(host: Host, tenant: Tenant, token: str, view: str = "read") -> httpx.Response:
    """Ask a view with a token."""
    return get(host, f"/{tenant.name}/{view}", f"Bearer {token}")


def test_s2_1_an_active_token_is_admitted_and_the_view_finds_whose_it_is(host: Host, client: Client) -> None:
    issued = client.issue("alice", ("read",))

    reply = show(host, client.tenant, issued.access_token)

    assert reply.status_code == 200
    assert reply.json() == {
        "subject": "alice",
        "client_id": client.client_id,
        "scope": ["read"],
        "is_clients_own": False,
        "tenant": client.tenant.name,
    }


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "], ids=["lower", "upper", "two spaces"])
def test_s2_1_the_scheme_is_read_as_http_says(host: Host, client: Client, scheme: str) -> None:
    token = client.access_token(scope="read")

    reply = get(host, f"/{client.tenant.name}/read", f"{scheme} {token}")

    assert reply.status_code == 200
    assert (reply.json()["subject"], reply.json()["is_clients_own"]) == (client.client_id, True)


@pytest.mark.parametrize("authorization", [None, "Basic YTpi"], ids=["no header", "another scheme"])
def test_s3_1_without_a_token_the_challenge_has_no_error_code(
    host: Host, tenant: Tenant, authorization: str | None
) -> None:
    reply = get(host, f"/{tenant.name}/read", authorization)

    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="rescind"'
    assert reply.json() == {}


@pytest.mark.parametrize(
    ("authorization", "query"),
    [
        ("Bearer", ""),
        ("Bearer a b", ""),
        ("Bearer one, Bearer two", ""),
        ('Bearer "quoted"', ""),
        ("Bearer {token}", "?access_token={token}"),
        (None, "?access_token={token}"),
    ],
    ids=["no token", "two words", "two headers", "quoted", "in the URL too", "in the URL"],
)
def test_s3_1_a_token_shown_wrongly_is_400_invalid_request(
    host: Host, client: Client, authorization: str | None, query: str
) -> None:
    token = client.access_token()
    header = authorization and authorization.format(token=token)

    reply = get(host, f"/{client.tenant.name}/read{query.format(token=token)}", header)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_request")
    assert 'error="invalid_request"' in reply.headers["WWW-Authenticate"]
    assert token not in reply.text + str(reply.headers)


def assert_invalid_token(reply: httpx.Response) -> None:
    """See that a token was refused as RFC 6750 section 3.1 has it, and nobody may keep the answer."""
    assert (reply.status_code, error_of(reply)) == (401, "invalid_token")
    assert reply.headers["WWW-Authenticate"].startswith('Bearer realm="rescind", error="invalid_token", ')
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["rat_unknown", "x", "a" * 4096], ids=["unknown", "malformed", "long"])
def test_s3_1_a_token_that_is_none_is_401_invalid_token(host: Host, tenant: Tenant, token: str) -> None:
    reply = show(host, tenant, token)

    assert_invalid_token(reply)


def test_s3_1_a_refresh_token_is_no_access_token(host: Host, client: Client) -> None:
    issued = client.issue("alice", ("read",))

    reply = show(host, client.tenant, issued.refresh_token or "")

    assert_invalid_token(reply)
    assert client.is_active(issued.access_token)


def test_s3_1_an_expired_token_is_refused_from_its_last_second_on(host: Host, client: Client) -> None:
    clock.set(1_800_000_000)
    token = client.issue("alice", ("read",), access_token_seconds=60).access_token
    admitted = show(host, client.tenant, token)

    clock.set(1_800_000_060)

    assert admitted.status_code == 200
    assert_invalid_token(show(host, client.tenant, token))


@pytest.mark.requirement("REV-04")
def test_s3_1_a_revoked_token_is_refused_from_the_next_request_on(host: Host, client: Client) -> None:
    token, kept = client.access_token(), client.access_token()
    admitted = show(host, client.tenant, token)

    client.revoke(token)

    assert admitted.status_code == 200
    assert_invalid_token(show(host, client.tenant, token))
    assert show(host, client.tenant, kept).status_code == 200


@pytest.mark.requirement("CAS-08")
def test_s3_1_so_is_every_token_of_a_subject_that_the_host_revokes(host: Host, client: Client) -> None:
    tokens = [client.issue("alice", ("read",)).access_token for _ in range(2)]
    kept = client.issue("bob", ("read",)).access_token

    host.rescind.revoke(Subject(client.tenant.name, "alice"), cause="test")

    assert [show(host, client.tenant, token).status_code for token in tokens] == [401, 401]
    assert show(host, client.tenant, kept).status_code == 200


@pytest.mark.requirement("TEN-04")
def test_s3_1_a_token_of_another_tenant_looks_unknown(
    host: Host, client: Client, other_tenant: Tenant
) -> None:
    token = client.access_token()

    foreign, unknown = show(host, other_tenant, token), show(host, other_tenant, "rat_unknown")

    assert_invalid_token(foreign)
    assert (foreign.content, foreign.headers["WWW-Authenticate"]) == (
        unknown.content,
        unknown.headers["WWW-Authenticate"],
    )
    assert show(host, client.tenant, token).status_code == 200


@pytest.mark.parametrize("name", ["nowhere", "%2e%2e", "a b"], ids=["unknown", "dots", "no name"])
def test_s3_1_a_tenant_that_is_not_there_is_401_as_the_address_is_the_hosts(
    host: Host, client: Client, name: str
) -> None:
    reply = get(host, f"/{name}/read", f"Bearer {client.access_token()}")

    assert_invalid_token(reply)


@pytest.mark.requirement("TEN-10")
def test_s3_1_a_disabled_tenant_is_401(host: Host, client: Client) -> None:
    token = client.access_token()

    tenants.disable(host.rescind.authority, client.tenant.name, actor="test")

    assert_invalid_token(show(host, client.tenant, token))


@pytest.mark.parametrize("scope", ["write", "read"], ids=["another scope", "half of it"])
def test_s3_1_too_little_scope_is_403_and_the_challenge_names_what_is_needed(
    host: Host, client: Client, scope: str
) -> None:
    token = client.access_token(scope=scope)

    reply = show(host, client.tenant, token, "both")

    assert (reply.status_code, error_of(reply)) == (403, "insufficient_scope")
    assert reply.headers["WWW-Authenticate"].endswith(', scope="read write"')
    assert show(host, client.tenant, client.access_token(), "both").status_code == 200
    assert show(host, client.tenant, token, "any").status_code == 200


def test_a_store_that_is_down_is_503_and_not_401(tmp_path: Path) -> None:
    (tmp_path / "none.sqlite3").write_bytes(1000 * b"no database ")
    config = {"RESCIND_DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3"}
    with hosting(tmp_path, config | {"SQLALCHEMY_DATABASE_URI": "sqlite://"}, after=have_views) as host:
        reply = get(host, "/bifrost/read", "Bearer rat_some")

    assert (reply.status_code, error_of(reply)) == (503, "temporarily_unavailable")
    assert int(reply.headers["Retry-After"]) > 0


def test_an_async_view_may_be_behind_it(host: Host, client: Client) -> None:
    token = client.access_token()
    admitted = show(host, client.tenant, token, "async")

    client.revoke(token)

    assert (admitted.status_code, admitted.json()["client_id"]) == (200, client.client_id)
    assert_invalid_token(show(host, client.tenant, token, "async"))


def test_the_tenant_of_the_decorator_goes_before_the_one_in_the_url(host: Host, client: Client) -> None:
    reply = show(host, client.tenant, client.access_token(), "fixed")

    assert_invalid_token(reply)


def test_the_tenant_of_the_extension_counts_where_nothing_else_names_one(tmp_path: Path) -> None:
    app = configured(tmp_path, {"SQLALCHEMY_DATABASE_URI": "sqlite:///host.sqlite3"})
    db = SQLAlchemy(app, metadata=Base.metadata)
    host = Host(app, db, Rescind(app, db, tenant="bifrost"))
    host.rescind.upgrade()
    have_views(app, db)
    clients = [host.server.new_tenant(name).new_client(scope="read") for name in ("bifrost", "asgard")]
    ours, theirs = [client.access_token() for client in clients]

    admitted, refused = get(host, "/nobody", f"Bearer {ours}"), get(host, "/nobody", f"Bearer {theirs}")
    by_url = show(host, clients[1].tenant, theirs)
    disposed(app, db, host.rescind)

    assert (admitted.status_code, by_url.status_code) == (200, 200)
    assert_invalid_token(refused)


def test_a_view_for_which_nothing_names_a_tenant_is_a_mistake_of_the_hosts(host: Host) -> None:
    with pytest.raises(SettingsError, match="require_token needs a tenant"):
        get(host, "/nobody", "Bearer rat_some")


def test_a_view_that_is_not_behind_it_has_no_token(host: Host, client: Client) -> None:
    token = client.access_token()

    with host.app.app_context(), pytest.raises(RuntimeError, match="not behind require_token"):
        show(host, client.tenant, token)
        get(host, "/open", f"Bearer {token}")
