"""`rescind deliver`: logout tokens go out, also after a deliverer was killed in the middle."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rescind.domain import clock
from rescind.domain.revoking.deliveries import CLAIM_SECONDS
from tests import stores
from tests.cli.shell import Shell
from tests.domain.revoking.logouts import deliver, listening_client, sign_in_to, sign_out
from tests.receivers import Receiver
from tests.servers import Server, Tenant
from tests.store.apart import serving


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """Give a store that no server works on which would deliver, too."""
    return stores.new_migrated_file(tmp_path / "rescind.sqlite3")


@pytest.fixture
def server(store_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server on that store."""
    with serving(store_url, tmp_path) as server:
        yield server
    clock.set(None)


@pytest.mark.requirement("BCL-02")
def test_once_sends_what_is_due_and_exits(shell: Shell, tenant: Tenant, receiver: Receiver) -> None:
    receiver.answer(200, 500)
    client = listening_client(tenant, receiver.uri)
    first, second = sign_out(tenant, sign_in_to(client)), sign_out(tenant, sign_in_to(client))

    sent = shell.run("deliver", "--once", "--json").records

    assert {each["event_id"] for each in sent} == {first.event_id, second.event_id}
    assert sorted(each["delivered"] for each in sent) == [False, True]
    assert {(each["tenant"], each["client_id"], each["attempts"]) for each in sent} == {
        (tenant.name, client.client_id, 1)
    }
    assert len(receiver.tokens) == 2
    assert shell.run("deliver", "--once", "--json").record == {"messages": 0}


@pytest.mark.requirement("BCL-02")
def test_one_that_is_killed_between_the_post_and_the_mark_has_it_sent_again(
    shell: Shell, tenant: Tenant, receiver: Receiver
) -> None:
    sign_out(tenant, sign_in_to(listening_client(tenant, receiver.uri)))
    with shell.start("deliver", stdout=subprocess.DEVNULL) as deliverer:
        receiver.before_answer = deliverer.kill
        deliverer.wait(60)

    receiver.before_answer = lambda: None
    again = deliver(tenant, at=clock.now() + CLAIM_SECONDS)

    assert [each.done for each in again] == [True]
    assert len(receiver.tokens) == 2


def test_the_address_of_a_client_is_registered_changed_and_taken_away(shell: Shell, tenant: Tenant) -> None:
    of_tenant = ("--tenant", tenant.name, "--json")
    shell.run(
        "client",
        "create",
        "--client-id",
        "shop",
        *of_tenant,
        "--backchannel-logout-uri",
        "https://a.example/out",
    )

    made = shell.run("client", "show", "shop", *of_tenant).record
    changed = shell.run(
        "client", "update", "shop", *of_tenant, "--backchannel-logout-uri", "https://b.example/"
    ).record
    emptied = shell.run("client", "update", "shop", *of_tenant, "--backchannel-logout-uri", "").record
    refused = shell.run(
        "client", "update", "shop", *of_tenant, "--backchannel-logout-uri", "http://a.example/out"
    )

    assert made["backchannel_logout_uri"] == "https://a.example/out"
    assert changed["backchannel_logout_uri"] == "https://b.example/"
    assert emptied["backchannel_logout_uri"] is None
    assert (refused.code, refused.out) == (1, "")
    assert "A back-channel logout URI is https" in refused.err
