"""Client ids that lead where nobody outside could go, and hosts that answer too much or too slowly."""

import gzip
import time
from collections.abc import Callable
from typing import Any

import pytest

from rescind.domain import fetching, networks
from rescind.domain.fetching import LONGEST_BYTES, Fetching
from rescind.errors import DocumentRefused, DocumentUnavailable
from tests.document_hosts import NAME, DocumentHost, Page
from tests.documented import document_host

__all__ = ["document_host"]

pytestmark = pytest.mark.requirement("CIM-03")

JSON = {"Content-Type": "application/json"}
NOT_PUBLIC = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("224.0.0.1", "240.0.0.1", "192.88.99.1", "168.63.129.16", "::1", "::", "fe80::1", "fd00:ec2::254"),
    *("fec0::1", "ff02::1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:4136:e378::1", "2001:db8::1"),
)


class Resolver:
    """A look-up that gives each of its answers once, and the last from then on."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, **options: Any) -> list[Any]:
        self.asked.append(host)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        return [(10 if ":" in each else 2, 1, 6, "", (each, port)) for each in answer]


@pytest.fixture
def fetch(document_host: DocumentHost, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], bytes]:
    """Fetch from the host as from one that is allowed."""
    monkeypatch.setenv("SSL_CERT_FILE", str(document_host.certificate))
    document_host.asked.clear()
    return lambda client_id: Fetching([document_host.place]).fetch(client_id).body


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_not_everybody_reaches_is_not_public(address: str) -> None:
    assert not networks.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_one_that_everybody_reaches_is(address: str) -> None:
    assert networks.is_public(address)


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["64:ff9b::7f00:1"]],
    ids=["private", "one of two is private", "NAT64"],
)
@pytest.mark.usefixtures("fetch")
def test_a_name_of_such_an_address_is_not_connected_to(
    document_host: DocumentHost, addresses: list[str]
) -> None:
    resolver = Resolver(addresses)

    with pytest.raises(DocumentRefused):
        Fetching([], resolver).fetch(f"https://{NAME}:{document_host.port}/secret")

    assert (resolver.asked, document_host.asked) == ([NAME], [])


@pytest.mark.usefixtures("fetch")
def test_a_name_that_changes_its_answer_is_asked_for_once_and_connected_to_by_that(
    document_host: DocumentHost,
) -> None:
    place = f"{NAME}:{document_host.port}"
    document_host.pages["/once"] = Page(b"{}", headers=JSON)
    resolver = Resolver(["127.0.0.1"], ["127.0.0.7"])

    fetched = Fetching([place], resolver).fetch(f"https://{place}/once")

    assert (fetched.body, resolver.asked) == (b"{}", [NAME])
    # By its name, also in TLS: the certificate is not one of another.
    assert document_host.asked == [(place, "/once")]


@pytest.mark.usefixtures("fetch")
def test_a_host_that_is_not_shown_to_be_the_one_is_told_nothing(document_host: DocumentHost) -> None:
    place = f"another.example:{document_host.port}"

    with pytest.raises(DocumentUnavailable):
        Fetching([place], Resolver(["127.0.0.1"])).fetch(f"https://{place}/secret")

    assert document_host.asked == []


@pytest.mark.parametrize(
    "page",
    [
        Page(b"{}", 302, {**JSON, "Location": "/secret"}),
        Page(b"{}", 404, JSON),
        Page(b"{}", 200, {"Content-Type": "text/html"}),
        Page(gzip.compress(b"{}"), 200, {**JSON, "Content-Encoding": "gzip"}),
        Page(b" " * (LONGEST_BYTES + 1), 200, JSON),
    ],
    ids=["redirect", "not found", "no JSON", "packed", "huge"],
)
def test_an_answer_that_is_no_small_document_is_refused(
    fetch: Callable[[str], bytes], document_host: DocumentHost, page: Page
) -> None:
    document_host.pages |= {"/wrong": page, "/secret": Page(b"{}", headers=JSON)}

    with pytest.raises(DocumentRefused):
        fetch(f"https://{document_host.place}/wrong")

    assert document_host.count("/secret") == 0


def test_one_byte_after_the_other_is_waited_for_no_longer_than_all_the_rest(
    fetch: Callable[[str], bytes], document_host: DocumentHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_host.pages["/slow"] = Page(b" " * 200, headers=JSON, pause_seconds=0.05)
    monkeypatch.setattr(fetching, "FETCH_SECONDS", 0.5)
    began = time.monotonic()

    with pytest.raises(DocumentUnavailable):
        fetch(f"https://{document_host.place}/slow")

    assert time.monotonic() - began < 5


def test_no_proxy_of_the_environment_is_asked(
    fetch: Callable[[str], bytes], document_host: DocumentHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_host.pages["/direct"] = Page(b"{}", headers=JSON)
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert fetch(f"https://{document_host.place}/direct") == b"{}"
