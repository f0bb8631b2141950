"""What the running server does by itself."""

import threading

import pytest

from tests.domain.logouts import listening_client, sign_in_to, sign_out
from tests.receivers import receiving
from tests.servers import Server

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
