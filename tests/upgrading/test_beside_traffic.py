"""`rescind db upgrade` while workers of the version before serve; then the last step, while this one does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rescind.domain import upgrading
from rescind.store import migrating
from tests.patience import allowed
from tests.servers import error_of, gunicorn
from tests.upgrading.conftest import TENANT, Older
from tests.upgrading.traffic import flowing

Figure = Callable[[str], None]
# A change waits for its lock for 2 seconds at most, and others behind it.
MOST_SECONDS = 2.0 + 1.0


@pytest.mark.timeout(240)
def test_an_upgrade_without_an_outage(older: Older, tmp_path: Path, figure: Figure) -> None:
    store, settings = older.authority.store, older.before.settings
    with older.before.serving(tmp_path / "before.log") as old_url:
        at_old = older.client_at(old_url)
        first, second = older.before.make(TENANT, at_old.client_id, "alice", count=2)
        held = at_old.exchange(first["code"]).json()
        rotated = at_old.refresh(held["refresh_token"]).json()

        with flowing(at_old) as during_upgrade:
            migrating.upgrade(store)

        with gunicorn(tmp_path / "this.log", settings, workers=1) as (new_url, _):
            at_new = older.client_at(new_url)
            mixed = at_new.exchange(second["code"]).json()
            is_known = at_old.is_active(mixed["refresh_token"])

    with gunicorn(tmp_path / "this.log", settings, workers=1) as (new_url, _):
        at_new = older.client_at(new_url)
        with flowing(at_new) as during_finish:
            upgrading.finish(older.authority)
        after = at_new.refresh(rotated["refresh_token"]).json()
        active = [at_new.is_active(token) for token in (rotated["access_token"], after["access_token"])]
        reused = at_new.refresh(held["refresh_token"])
        ended = at_new.is_active(after["access_token"])
        goes_on = at_new.refresh(mixed["refresh_token"])

    figure(f"requests during db upgrade: {during_upgrade}")
    figure(f"requests during db upgrade --finish: {during_finish}")
    for traffic in (during_upgrade, during_finish):
        assert (traffic.undone, traffic.errors) == ([], [])
        assert set(traffic.statuses) <= {200, 503}
        assert traffic.unavailable_share <= (0.2 if store.is_sqlite else 0)
        assert traffic.longest_seconds < allowed(MOST_SECONDS)
    assert is_known
    assert active == [True, True]
    assert error_of(reused) == "invalid_grant"
    assert not ended
    assert goes_on.status_code == 200
    assert migrating.current(store) == migrating.head()
    assert migrating.differences(store) == []
