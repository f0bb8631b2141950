"""Whose documents are fetched at once, and how many for one network."""

import contextlib

import pytest

from rescind.domain.registry import document_turns
from rescind.domain.registry.document_turns import MOST_OF_NETWORK, WINDOW_SECONDS, DocumentTurns
from rescind.errors import DocumentUnavailable

NOW = 1_900_000_000
THREADS = 16


def wait_seconds(turns: DocumentTurns, host: str, address: str, now: int = NOW) -> int:
    """Begin and end a fetch. Gives how long is to be waited before the next try; 0 where it was let."""
    try:
        with turns.of_stranger(f"https://{host}/app", address, threads=THREADS, now=now):
            return 0
    except DocumentUnavailable as error:
        return error.retry_after_seconds


def test_a_host_and_a_network_have_one_stranger_at_once() -> None:
    turns = DocumentTurns()

    with turns.of_stranger("https://slow.example/1", "2001:db8::1", threads=THREADS, now=NOW):
        same_host = wait_seconds(turns, "slow.example", "192.0.2.1")
        same_network = wait_seconds(turns, "other.example", "2001:db8::2")
        other = wait_seconds(turns, "other.example", "192.0.2.1")
        # A client that is here waits for no stranger, and for no other host.
        with contextlib.ExitStack() as clients:
            for host in ("slow", "other"):
                clients.enter_context(turns.of_client(f"https://{host}.example/2", threads=THREADS))

    assert (same_host, same_network, other) == (1, 1, 0)
    assert wait_seconds(turns, "slow.example", "2001:db8::2") == 0


def test_a_network_has_so_many_in_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = DocumentTurns()
    for number in range(MOST_OF_NETWORK):
        assert wait_seconds(turns, f"h{number}.example", "192.0.2.1") == 0

    assert wait_seconds(turns, "more.example", "192.0.2.1", NOW + 20) == WINDOW_SECONDS - 20
    assert wait_seconds(turns, "more.example", "192.0.2.2") == 0
    # Of proxies that do not say who asks, everybody would be one.
    assert wait_seconds(turns, "more.example", "") == 0
    assert wait_seconds(turns, "more.example", "192.0.2.1", NOW + WINDOW_SECONDS) == 0
    # However many ask, what is kept has an end.
    monkeypatch.setattr(document_turns, "MOST_KEPT", 2)
    for number in range(4):
        wait_seconds(turns, "many.example", f"198.51.100.{number}")
    assert len(turns._counts) == 2
