"""What the running server does by itself."""

import threading
from pathlib import Path

import httpx
import pytest

from tests.domain.revoking.logouts import listening_client, sign_in_to, sign_out
from tests.receivers import receiving
from tests.servers import NO_TLS, Server, gunicorn

SECONDS_TO_WAIT = 20


@pytest.mark.requirement("BCL-02")
def test_a_server_delivers_logout_tokens(live_server: Server) -> None:
    tenant = live_server.new_tenant()
    was_told = threading.Event()

    with receiving() as receiver:
        receiver.before_answer = was_told.set
        sign_out(tenant, sign_in_to(listening_client(tenant, receiver.uri)))
        was_told.wait(SECONDS_TO_WAIT)

    assert len(receiver.tokens) == 1


@pytest.mark.parametrize(
    ("application", "status"),
    [("flask:Flask('a host')", 404), ("wsgiref.simple_server:demo_app", 200)],
    ids=["nothing mounted", "no Flask application"],
)
def test_where_it_finds_no_rescind_the_server_says_so_and_serves(
    tmp_path: Path, application: str, status: int
) -> None:
    log = tmp_path / "log"
    settings = {"RESCIND_INSTANCE_PATH": str(tmp_path)}

    with gunicorn(log, settings, workers=1, application=application) as (base_url, _):
        reply = httpx.get(f"{base_url}/nothing", verify=NO_TLS)

    assert reply.status_code == status
    assert "no Rescind to look after" in log.read_text()
