"""Registrations, and changes of one, that are made at the same time."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from rescind.domain.registry import clients
from tests.protocol.registering import Registered, initial_token, open_to, register
from tests.servers import CALLBACK, Tenant

AT_ONCE = 4


def statuses(ask: Callable[[int], httpx.Response]) -> Counter[int]:
    """Ask so often at once, and count the answers."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(reply.status_code for reply in pool.map(ask, range(AT_ONCE)))


def test_the_last_use_of_a_token_is_one_clients(tenant: Tenant) -> None:
    token = initial_token(open_to(tenant, "token"))

    assert statuses(lambda _: register(tenant, token=token)) == {201: 1, 401: AT_ONCE - 1}
    assert len(list(clients.list_all(tenant.server.authority, tenant.record))) == 1


def test_of_changes_with_one_token_just_one_is_made(tenant: Tenant) -> None:
    registered = Registered.at(open_to(tenant, "open"))

    assert statuses(lambda _: registered.put(redirect_uris=[CALLBACK])) == {200: 1, 401: AT_ONCE - 1}


def test_a_client_deletes_itself_once(tenant: Tenant) -> None:
    registered = Registered.at(open_to(tenant, "open"))

    assert statuses(lambda _: registered.ask("DELETE")) == {204: 1, 401: AT_ONCE - 1}
