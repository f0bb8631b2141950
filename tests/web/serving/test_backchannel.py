"""OpenID Connect Back-Channel Logout section 2.5: the request, also to receivers that misbehave."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rescind.domain.look_ups import LookUps
from rescind.domain.registry import clients
from rescind.domain.revoking import deliveries
from rescind.domain.revoking.deliveries import Answer
from rescind.errors import BadValue
from rescind.store import clients as rows
from rescind.web.serving import backchannel
from tests.cli.shell import on_sqlite
from tests.domain.revoking.logouts import deliver, listening_client, sign_in_to, sign_out
from tests.receivers import Receiver, certificate_for, dripping, never_accepting, receiving
from tests.servers import Tenant

NAME = "receiver.example"
# As one asks for it and another.
NAMES = {NAME, NAME.encode()}
pytestmark = on_sqlite


@pytest.fixture
def send(tenant: Tenant) -> Callable[[str], Answer]:
    """Give what posts a logout token to a URI."""

    def post(uri: str) -> Answer:
        letter = deliveries.Letter(tenant.record, uri, "client", "event", "alice", "sid")
        return backchannel.send(tenant.server.authority, letter)

    return post


def port_of(receiver: Receiver) -> int:
    """Give the port on which it listens."""
    return int(receiver.uri.split(":")[2].split("/")[0])


def look_ups() -> list[threading.Thread]:
    """List the threads in which names are being looked up."""
    return [each for each in threading.enumerate() if each.name == "rescind-look-up"]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give what lets a name have addresses."""
    look_up = socket.getaddrinfo

    def resolve(*addresses: str) -> None:
        def answer(host: Any, port: Any, *options: Any, **named: Any) -> list[Any]:
            found = addresses if host in NAMES else [host]
            return [each for address in found for each in look_up(address, port, *options, **named)]

        monkeypatch.setattr(socket, "getaddrinfo", answer)

    return resolve


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the look-up of the name hang, as with a name server that never answers, until the event is set."""
    is_over = threading.Event()
    look_up = socket.getaddrinfo

    def hang(host: Any, *options: Any, **named: Any) -> list[Any]:
        if host in NAMES:
            is_over.wait(20)
            raise socket.gaierror("no answer")
        return look_up(host, *options, **named)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield is_over
    is_over.set()
    for thread in look_ups():
        thread.join()


@pytest.mark.parametrize(
    "uri",
    [
        "http://receiver.example/out",
        "https:///out",
        "https://receiver.example:99999/out",
        "https://receiver.example:x/out",
        "https://receiver.example/out#fragment",
        "app.example:/out",
        "https://name:password@receiver.example/out",
        "https://169.254.169.254/out",
    ],
    ids=["no TLS", "no host", "no such port", "no port", "a fragment", "an app", "a password", "link-local"],
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


def test_a_name_of_a_link_local_address_is_posted_to_at_its_others_alone(
    tenant: Tenant, resolve: Callable[..., None]
) -> None:
    def look_up() -> list[Any]:
        with asyncio.Runner(loop_factory=backchannel._look_ups.make_loop) as runner:
            found: list[Any] = runner.run(runner.get_loop().getaddrinfo(NAME, 443))
        return [each[4][0] for each in found]

    resolve("169.254.169.254", "127.0.0.1", "fe80::1")
    others = set(look_up())
    resolve("169.254.169.254")
    try:
        left = look_up()
    except OSError:
        left = []

    assert others == {"127.0.0.1"}
    assert left == []


@pytest.mark.settings(public_url="https://rescind.example")
def test_in_production_no_client_has_messages_posted_to_the_servers_own_machine(tenant: Tenant) -> None:
    client = tenant.new_client(backchannel_logout_uri="https://receiver.example/out")
    said = []
    for uri in ("http://127.0.0.1:6379/", "http://localhost/out"):
        for register in (
            lambda uri: tenant.new_client(backchannel_logout_uri=uri),
            lambda uri: clients.update(
                tenant.server.authority, tenant.record, client.client_id, backchannel_logout_uri=uri
            ),
        ):
            try:
                register(uri)
            except BadValue as error:
                said.append(str(error))

    assert len(said) == 4
    assert all("http is for a server with a loopback public URL" in each for each in said)


@pytest.mark.parametrize("before", ["/out", "?x=1"], ids=["another path", "a query"])
def test_an_address_of_a_row_of_before_that_is_not_allowed_any_more_is_not_posted_to(
    tenant: Tenant, receiver: Receiver, caplog: pytest.LogCaptureFixture, before: str
) -> None:
    authority, secret = tenant.server.authority, "name:password-of-the-receiver@"
    client = listening_client(tenant, receiver.uri)
    there = receiver.uri.replace("://", f"://{secret}") + before
    authority.store.transact(
        lambda tx: rows.change(tx, tenant.record.id, client.client_id, {"backchannel_logout_uri": there})
    )
    sign_out(tenant, sign_in_to(client))

    outcomes = deliver(tenant)

    assert [each.done for each in outcomes] == [True]
    assert receiver.forms == []
    assert f"the back-channel logout URI of the client {client.client_id} is none that is" in caplog.text
    assert secret not in caplog.text


@pytest.mark.requirement("BCL-02")
@pytest.mark.parametrize("dead", ["127.0.0.2", "::1"], ids=["lets nobody through", "of IPv6, refuses"])
def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    send: Callable[[str], Answer],
    resolve: Callable[..., None],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    dead: str,
) -> None:
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 2.0)
    port = port_of(receiver)
    resolve(dead, "127.0.0.1")

    with never_accepting(dead, port) if dead == "127.0.0.2" else contextlib.nullcontext():
        answer = send(f"http://{NAME}:{port}/logged-out")

    assert answer is Answer.TAKEN
    assert len(receiver.tokens) == 1


@pytest.mark.requirement("BCL-02")
def test_a_receiver_that_answers_byte_by_byte_is_waited_for_no_longer_than_any_other(
    send: Callable[[str], Answer], resolve: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 1.0)
    resolve("127.0.0.2", "127.0.0.1")

    with dripping() as slow, never_accepting("127.0.0.2", slow.address[1]):
        answer = send(f"http://{NAME}:{slow.address[1]}/logged-out")

    assert answer is Answer.SILENT
    assert slow.is_left


@pytest.mark.requirement("BCL-02")
@pytest.mark.usefixtures("hanging")
def test_the_look_up_of_a_name_is_waited_for_no_longer_than_all_the_rest(
    send: Callable[[str], Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 0.2)
    begun = time.monotonic()

    answer = send(f"http://{NAME}/logged-out")

    assert answer is Answer.SILENT
    assert time.monotonic() - begun < 10


@pytest.mark.requirement("BCL-02")
@pytest.mark.usefixtures("hanging")
def test_look_ups_that_hang_take_no_more_than_their_share_of_threads(
    send: Callable[[str], Answer],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 0.1)
    monkeypatch.setattr(backchannel, "_look_ups", LookUps(2, backchannel._elsewhere))

    silent = {send(f"http://{NAME}/logged-out") for _ in range(5)}
    threads = len(look_ups())
    monkeypatch.setattr(backchannel, "SEND_SECONDS", 5.0)
    of_an_address = send(receiver.uri)

    assert silent == {Answer.SILENT}
    assert threads == 2
    assert of_an_address is Answer.TAKEN


@pytest.mark.requirement("BCL-02")
def test_no_proxy_of_the_environment_gets_the_token(
    send: Callable[[str], Answer], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.uri)
        answer = send(receiver.uri)

    assert answer is Answer.TAKEN
    assert (len(receiver.tokens), proxy.forms) == (1, [])
