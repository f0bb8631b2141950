"""The running server purges by itself, hour by hour."""

import logging
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.store.tables import grants, tokens
from rescind.web.serving import maintenance
from tests.domain.conftest import own_url
from tests.servers import SECRET_KEY, Server, Tenant, gunicorn
from tests.store.apart import serving

__all__ = ["own_url"]

YEAR_SECONDS = 366 * 86_400
SECONDS_TO_WAIT = 30


def rows(tenant: Tenant) -> int:
    """Count the tokens and grants of a tenant."""
    counting = [
        select(func.count()).select_from(table).where(table.c.tenant_id == tenant.record.id)
        for table in (tokens, grants)
    ]
    with tenant.server.authority.store.opened() as tx:
        return sum(int(tx.execute(each).scalar_one()) for each in counting)


def rows_after_a_while(tenant: Tenant) -> int:
    """Count them until there are none, or the wait is over."""
    until = time.monotonic() + SECONDS_TO_WAIT
    while rows(tenant) and time.monotonic() < until:
        time.sleep(0.05)
    return rows(tenant)


@pytest.mark.requirement("STO-06")
def test_workers_purge_without_being_asked(own_url: str, tmp_path: Path) -> None:
    with serving(own_url, tmp_path) as server:
        tenant = server.new_tenant()
        clock.set(clock.now() - YEAR_SECONDS)
        tenant.new_client().issue()
        clock.set(None)
        issued = rows(tenant)
        environment = {
            "RESCIND_DATABASE_URL": own_url,
            "RESCIND_SECRET_KEY": SECRET_KEY,
            "RESCIND_INSTANCE_PATH": str(tmp_path),
        }
        application = "tests.web.serving.hurried:create_app()"

        with gunicorn(tmp_path / "log", environment, workers=2, application=application):
            left = rows_after_a_while(tenant)

    assert (issued, left) == (2, 0)


def test_a_fault_that_nobody_expected_is_told_once_without_its_text_and_ends_nothing(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    was_done = threading.Event()
    faults = iter([ValueError("a-secret"), ValueError("a-secret"), KeyError("a-secret")])

    def look_after(authority: Authority) -> int:
        for fault in faults:
            raise fault
        was_done.set()
        # It is a daemon, and is not to go on behind the test.
        threading.Event().wait()
        return 0

    with caplog.at_level(logging.ERROR, "rescind"):
        maintenance._start("rescind-test", look_after, server.authority, 0)
        is_done = was_done.wait(SECONDS_TO_WAIT)

    assert is_done
    assert [record.getMessage().partition(": ")[2].split()[0] for record in caplog.records] == [
        "ValueError",
        "KeyError",
    ]
    assert "a-secret" not in caplog.text
