"""A store for the tests of a host: migrated, of one application alone, and gone with it.

A host's tests say `TESTING` and often `sqlite:///:memory:`. A database in memory can't be ours, as each
connection would have its own; and the file of the instance folder is the developer's.
"""

import atexit
import functools
import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from rescind.setting_values import sqlite_url
from rescind.store import migrating
from rescind.store.engine import Store
from rescind.web.databases import BIND, engines, is_file

URL = "RESCIND_DATABASE_URL"
_FILE = "rescind.sqlite3"


def is_wanted(app: Flask, db: SQLAlchemy | None, environ: Mapping[str, str]) -> bool:
    """Tell whether an application is under test and names no database that could be ours."""
    if not app.testing:
        return False
    named = app.config.get(URL, environ.get(URL))
    found = engines(app, db) if db is not None else {}
    if BIND in found:
        return found[BIND].dialect.name == "sqlite" and not is_file(found[BIND].url)
    if named is not None:
        return _is_in_memory(str(named))
    return None not in found or found[None].dialect.name != "postgresql"


def folder(app: Flask) -> str:
    """Make a folder with a store for an application, to be removed when that is no more."""
    made = tempfile.mkdtemp(prefix="rescind-")
    weakref.finalize(app, _remove, made, os.getpid())
    shutil.copy(_migrated(), os.path.join(made, _FILE))
    return made


def without_memory(config: Mapping[str, Any]) -> dict[str, Any]:
    """Leave a database in memory out of a configuration."""
    return {name: value for name, value in config.items() if name != URL or not _is_in_memory(str(value))}


@functools.cache
def _migrated() -> str:
    """Make the tables once for all applications of this process."""
    made = tempfile.mkdtemp(prefix="rescind-")
    atexit.register(_remove, made, os.getpid())
    file = os.path.join(made, _FILE)
    store = Store(sqlite_url(file))
    migrating.upgrade(store)
    store.dispose()
    return file


def _remove(made: str, process: int) -> None:
    # A process that was forked ends before the one that made it.
    if os.getpid() == process:
        shutil.rmtree(made, ignore_errors=True)


def _is_in_memory(url: str) -> bool:
    try:
        read = make_url(url)
    except ArgumentError:
        return False
    return read.get_backend_name() == "sqlite" and not is_file(read)
