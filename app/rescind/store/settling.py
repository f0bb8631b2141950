"""Whether workers of the version before may be left: until the last step of the upgrade was made.

They look for a row of each refresh token, and write rows that say less. While they may be there, workers of
this version write what they need too, and purge nothing.
"""

import contextlib
import time
from typing import Any, Protocol

from sqlalchemy import Column, MetaData, Table, Text, select

from rescind.errors import StoreUnavailable
from rescind.store.base import SCHEMA
from rescind.store.statements import plain

VERSION_TABLE = "rescind_alembic_version"
# Before the last step of the newest migrations. One that is not known here is of a later version.
UNSETTLED = frozenset({"0001", "0002", "0003", "0004", "0005", "0006", "0007"})
# The one of these at which workers of this version and of the one before both work.
EXPANDED = "0007"
# To be late does no harm: more is written than has to be.
LOOK_EVERY_SECONDS = 60.0
# What the epoch of a subject without a row counts as. To the version before it is the first one; when none of
# its workers is left, every subject has a row, and one that is missing is lost: nothing of it is live.
_FIRST_EPOCH, NO_EPOCH = 0, -1

_VERSIONS = Table(VERSION_TABLE, MetaData(), Column("version_num", Text), schema=SCHEMA)
_REVISION = plain(select(_VERSIONS.c.version_num))


class _Reads(Protocol):
    def read(self, statement: Any, **values: Any) -> Any: ...


class Settling:
    """What is known of one store. Once it is settled, it stays so, and is asked no more."""

    def __init__(self) -> None:
        self._is_over = False
        self._look_at = 0.0

    @property
    def missing_epoch(self) -> int:
        """What the epoch of a subject without a row counts as, by what is known."""
        return NO_EPOCH if self._is_over else _FIRST_EPOCH

    def is_over(self, store: _Reads) -> bool:
        """Tell whether it is known that no worker of the version before is left.

        A store that can't say is taken for one where they may be: what is to be done there will tell.
        """
        if not self._is_over and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY_SECONDS
            with contextlib.suppress(StoreUnavailable):
                found = store.read(_REVISION)
                self._is_over = found is not None and found[0] not in UNSETTLED
        return self._is_over
