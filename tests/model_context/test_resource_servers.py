"""The other resource servers that the manual shows."""

from pathlib import Path

import httpx
import pytest

from tests.cli.shell import on_sqlite
from tests.model_context import protected
from tests.model_context.conftest import name_to
from tests.model_context.in_python import InPython
from tests.model_context.person import Person
from tests.model_context.protected import Place, of_manual
from tests.model_context.test_sdks import see_put_out
from tests.servers import Server, Tenant


@on_sqlite
@pytest.mark.parametrize("protected_url", ["notes_of_fastmcp"], indirect=True, ids=["fastmcp"])
def test_a_server_made_with_fastmcp_lets_in_who_is_allowed_and_puts_out_who_is_not(
    protected_url: str, person: Person
) -> None:
    client = InPython(protected_url, None, person.answer)

    assert client.call("read") == "the notes of alice"

    see_put_out(client, person)


@on_sqlite
def test_a_server_made_with_the_sdk_for_typescript_lets_in_has_people_asked_for_more_and_puts_out(
    place: Place, person: Person, tmp_path: Path
) -> None:
    with protected.running_in_node(place, tmp_path):
        client = InPython(place.url, None, person.answer)

        assert client.call("read") == "the notes of alice"
        assert client.call("write") == "written for alice"
        assert len(person.asked) == 2

        see_put_out(client, person)


@on_sqlite
def test_any_application_answers_as_the_standard_has_it(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_to("https://notes.example", tenant, monkeypatch)
    client = tenant.new_client(scope="notes other")
    made = of_manual("notes")
    transport = httpx.WSGITransport(app=made["application"])

    with httpx.Client(transport=transport, base_url="https://notes.example") as http, made["guard"]:

        def asked(token: str) -> tuple[int, str, str]:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            reply = http.get("/", headers=headers)
            return reply.status_code, reply.headers.get("WWW-Authenticate", ""), reply.text

        good, narrow = (
            client.access_token(resource="https://notes.example", scope=scope) for scope in ("notes", "other")
        )
        assert asked("") == (401, "Bearer", "")
        assert asked(good) == (200, "", f"the notes of {client.client_id}")
        assert asked(narrow) == (403, 'Bearer error="insufficient_scope", scope="notes"', "")

        client.revoke(good)

        assert asked(good) == (401, 'Bearer error="invalid_token"', "")


def test_with_the_server_inside_a_view_names_where_its_tokens_come_from(tmp_path: Path) -> None:
    config = {"TESTING": True, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'host.sqlite3'}"}
    app = of_manual("notes_of_flask")["create_app"](config)
    authority = app.extensions["rescind"].authority
    tenant = Server(authority, app, authority.settings.public_url).new_tenant("acme")
    resource = "https://notes.example/notes"
    tenant.new_client(is_resource_server=True, resources=[resource])
    client = tenant.new_client(scope="notes")
    token = client.access_token(resource=resource)
    browser = app.test_client()

    reply = browser.get("/notes", headers={"Authorization": f"Bearer {token}"})
    described = browser.get("/.well-known/oauth-protected-resource/notes").json

    assert reply.text == f"the notes of {client.client_id}"
    assert described["authorization_servers"] == [tenant.issuer]
    authority.store.dispose()
