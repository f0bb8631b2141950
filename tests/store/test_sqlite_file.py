"""How a SQLite file is set up: readers beside a writer, and a commit that is on the disk."""

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from rescind.store import migrating
from tests.store.apart import opened

FULL = 2


@pytest.mark.requirement("FAULTS-A5")
def test_a_new_file_that_another_process_is_setting_up_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "rescind.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        # SQLite has nobody wait who would change the mode of a file on which this lock is held.
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, other.execute, ["ROLLBACK"])
        release.start()

        with opened(f"sqlite:///{path}") as store, store.opened() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()

        release.join()
    assert (mode, synchronous) == ("wal", FULL)


@pytest.mark.requirement("STO-03")
def test_a_new_file_and_what_lies_beside_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/rescind.sqlite3") as store:
        migrating.upgrade(store)

        with store.opened() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM tenants")
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}

    assert set(modes.values()) == {0o600}
    assert {"rescind.sqlite3", "rescind.sqlite3-wal"} <= set(modes)
