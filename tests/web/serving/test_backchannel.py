"""OpenID Connect Back-Channel Logout section 2.5: the request, also to receivers that misbehave."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rescind.domain.revoking import deliveries
from rescind.domain.revoking.deliveries import Answer
from rescind.errors import BadValue
from rescind.web.serving import backchannel
from tests.cli.shell import on_sqlite
from tests.receivers import Receiver, certificate_for, dripping, never_accepting, receiving
from tests.servers import Tenant

NAME = "receiver.example"
pytestmark = on_sqlite


@pytest.fixture
def send(tenant: Tenant) -> Callable[[str], Answer]:
    """Give what posts a logout token to a URI."""

    def post(uri: str) -> Answer:
        letter = deliveries.Letter(tenant.record, uri, "client", "event", "alice", "sid")
        return backchannel.send(tenant.server.authority, letter)

    return post


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Give what lets a name have addresses, and gives a URI with it."""
    look_up = socket.getaddrinfo

    def resolve(*addresses: tuple[str, int]) -> str:
        def answer(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            found = addresses if host == NAME else [(host, port)]
            return [each for address in found for each in look_up(*address, type=socket.SOCK_STREAM)]

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        return f"http://{NAME}/logged-out"

    return resolve


@pytest.mark.parametrize(
    "uri",
    [
        "http://receiver.example/out",
        "https:///out",
        "https://receiver.example:99999/out",
        "https://receiver.example:x/out",
        "https://receiver.example/out#fragment",
        "app.example:/out",
    ],
    ids=["no TLS", "no host", "no such port", "no port", "a fragment", "an app"],
)
def test_s2_2_what_nothing_could_be_posted_to_safely_is_not_registered(tenant: Tenant, uri: str) -> None:
    with pytest.raises(BadValue, match=r"URI"):
        tenant.new_client(backchannel_logout_uri=uri)


@pytest.mark.requirement("BCL-02")
@pytest.mark.parametrize(
    ("address", "is_trusted", "expected"),
    [
        ("127.0.0.1", True, Answer.TAKEN),
        ("127.0.0.1", False, Answer.SILENT),
        ("127.0.0.9", True, Answer.SILENT),
    ],
    ids=["trusted", "signed by nobody", "of another host"],
)
def test_s2_5_over_tls_the_token_goes_only_to_who_is_shown_to_be_the_receiver(
    send: Callable[[str], Answer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    is_trusted: bool,
    expected: Answer,
) -> None:
    certificate = certificate_for(address, tmp_path / "certificate.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate) if is_trusted else str(tmp_path / "none.pem"))

    with receiving(certificate) as receiver:
        answer = send(receiver.uri)

    assert answer == expected
    assert len(receiver.forms) == (expected is Answer.TAKEN)


@pytest.mark.requirement("BCL-02")
def test_an_address_that_lets_nobody_through_leaves_time_for_the_next(
    send: Callable[[str], Answer],
    resolve: Callable[..., str],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 2.0)
    port = int(receiver.uri.split(":")[2].split("/")[0])

    with never_accepting() as dead:
        answer = send(resolve(dead, ("127.0.0.1", port)))

    assert answer is Answer.TAKEN
    assert len(receiver.tokens) == 1


@pytest.mark.requirement("BCL-02")
def test_a_receiver_that_answers_byte_by_byte_is_waited_for_no_longer_than_any_other(
    send: Callable[[str], Answer], resolve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 1.0)

    with never_accepting() as dead, dripping() as slow:
        send(resolve(dead, slow.address))

    assert slow.is_left
