"""What the conformance runner of the Model Context Protocol asks of an authorization server."""

import json
import subprocess
from pathlib import Path

import httpx

from tests import node_packages
from tests.cli.shell import on_sqlite
from tests.model_context.person import Person
from tests.servers import Tenant, free_port

RUNNER = node_packages.MODULES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
RESOURCE = "https://notes.example/mcp"
CHECKS = [
    ("authorization-code-grant", "SUCCESS"),
    ("authorization-server-metadata", "SUCCESS"),
    ("authorization-server-metadata-cimd", "SUCCESS"),
]


@on_sqlite
def test_all_of_its_checks_of_an_authorization_server_pass(
    tenant: Tenant, person: Person, tmp_path: Path
) -> None:
    port = free_port()
    tenant.new_client(is_resource_server=True, resources=[RESOURCE])
    client = tenant.new_client(
        is_public=True, scope="notes", redirect_uris=[f"http://127.0.0.1:{port}/callback"]
    )
    given = {"url": tenant.issuer, "client-id": client.client_id, "resource": RESOURCE, "port": port}
    options = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    command = [*map(str, (node_packages.node(), RUNNER, "authorization", *options, "--output-dir", tmp_path))]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as runner:
        assert runner.stdout
        # It prints where the person has to go, waits at the redirect URI, and goes on.
        address = next(line for line in runner.stdout if line.startswith(tenant.server.base_url))
        httpx.get(person.answer(address.strip()))
        said = runner.stdout.read()

    found = [each for path in tmp_path.rglob("checks.json") for each in json.loads(path.read_text())]
    assert sorted((each["id"], each["status"]) for each in found) == CHECKS, said
    assert runner.returncode == 0
