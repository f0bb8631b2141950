"""Many people who sign in at once keep no revocation waiting."""

import contextlib
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rescind.domain.authority import Authority
from rescind.domain.people import users
from rescind.web.application import load_settings
from tests.patience import allowed
from tests.servers import SECRET_KEY, Client, Server, Tenant, gunicorn
from tests.web.pages.asking import account_of
from tests.web.pages.browser import PASSWORD, Browser

PEOPLE = 24
STORM_SECONDS = 5.0


@pytest.fixture
def crowded_server(store_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give one real worker that counts no attempt as one too many, so that every password is looked at."""
    environment = {
        "RESCIND_DATABASE_URL": store_url,
        "RESCIND_SECRET_KEY": SECRET_KEY,
        "RESCIND_INSTANCE_PATH": str(tmp_path),
        "RESCIND_SIGN_IN_ATTEMPTS": "1000",
        "RESCIND_SIGN_IN_ATTEMPTS_PER_ADDRESS": "1000",
    }
    with gunicorn(tmp_path / "log", environment, workers=1) as (base_url, _):
        authority = Authority.open(load_settings({**environment, "RESCIND_PUBLIC_URL": base_url}))
        yield Server(authority, None, base_url)
        authority.store.dispose()


@contextlib.contextmanager
def storm(tenant: Tenant, people: int = PEOPLE) -> Iterator[Counter[int]]:
    """Let people sign in again and again, half of them rightly; gives the statuses that they got.

    A 503 that does not say when to come again counts as 0 as well.
    """
    statuses: Counter[int] = Counter()
    is_over = threading.Event()

    def sign_in(password: str) -> None:
        with tenant.server.http() as http:
            browser = Browser(http, tenant.server.base_url)
            form = browser.open(account_of(tenant)).form("/sign-in")
            while not is_over.is_set():
                data = {**form.filled(), "username": "alice", "password": password}
                reply = http.post(form.action, data=data)
                statuses[reply.status_code] += 1
                # Of those who are sent away nobody is without a word about when to come again.
                statuses[0] += reply.status_code == 503 and reply.headers.get("Retry-After") != "1"

    passwords = [PASSWORD if number % 2 else "a wrong password" for number in range(people)]
    threads = [threading.Thread(target=sign_in, args=(password,)) for password in passwords]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def latencies(client: Client, seconds: float) -> list[float]:
    """Revoke one token after the other; give how long each took."""
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        token = client.issue().access_token
        began = time.monotonic()
        reply = client.revoke(token)
        took.append(time.monotonic() - began)
        assert reply.status_code == 200, reply.text
        time.sleep(0.02)
    return took


def test_a_storm_of_sign_ins_keeps_no_revocation_waiting(crowded_server: Server) -> None:
    tenant = crowded_server.new_tenant()
    users.create(crowded_server.authority, tenant.record, "alice", PASSWORD)
    client = tenant.new_client()

    with storm(tenant) as statuses:
        took = latencies(client, STORM_SECONDS)

    assert statistics.median(took) < allowed(0.25)
    assert max(took) < allowed(1.5)
    assert statuses[400]
    assert statuses[503]
    assert set(+statuses) <= {200, 303, 400, 503}
