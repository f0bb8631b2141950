"""Host applications in this process: with a database, tables and views of their own, and Rescind mounted."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from rescind import Rescind
from rescind.store import transactions
from tests.servers import SECRET_KEY, Server


class Base(DeclarativeBase):
    """The root of the hosts' models."""


class Person(Base):
    """Whom a host knows; there is a password to change."""

    __tablename__ = "people"

    name: Mapped[str] = mapped_column(primary_key=True)
    password: Mapped[str]


class Token(Base):
    """Named as one of our tables, and something else."""

    __tablename__ = "tokens"

    number: Mapped[int] = mapped_column(primary_key=True)


@dataclass(frozen=True)
class Host:
    """An application with Rescind mounted."""

    app: Flask
    db: SQLAlchemy
    rescind: Rescind

    @property
    def server(self) -> Server:
        """The mounted server, as the other tests see one."""
        authority = self.rescind.authority
        return Server(authority, self.app, authority.settings.public_url)


Config = Mapping[str, Any]
Prepare = Callable[[Flask, SQLAlchemy], None]


def database(store_url: str, folder: Path) -> Config:
    """Configure a host whose Rescind works on the store: in the host's PostgreSQL, or in another file."""
    if store_url.startswith("sqlite"):
        own = f"sqlite:///{folder}/host.sqlite3"
        return {"SQLALCHEMY_DATABASE_URI": own, "RESCIND_DATABASE_URL": store_url}
    return {"SQLALCHEMY_DATABASE_URI": store_url}


def configured(folder: Path, config: Config) -> Flask:
    """Make an application with these settings, before anything is mounted on it."""
    app = Flask("host", instance_path=str(folder / "instance"))
    app.config.update({"RESCIND_SECRET_KEY": SECRET_KEY, "SECRET_KEY": "of the host", **config})
    return app


@contextlib.contextmanager
def hosting(
    folder: Path, config: Config, *, before: Prepare | None = None, after: Prepare | None = None
) -> Iterator[Host]:
    """Make a host and mount Rescind on it.

    Args:
        before: what else the host sets up before it mounts Rescind.
        after: and what after it.
    """
    app = configured(folder, config)
    db = SQLAlchemy(app, metadata=Base.metadata)
    if before is not None:
        before(app, db)
    rescind = Rescind(app, db)
    if after is not None:
        after(app, db)
    try:
        yield Host(app, db, rescind)
    finally:
        disposed(app, db, rescind)


def disposed(app: Flask, db: SQLAlchemy, rescind: Rescind) -> None:
    """Close every connection of an application."""
    with app.app_context():
        rescind.authority.store.dispose()
        for engine in db.engines.values():
            engine.dispose()


@contextlib.contextmanager
def statements(*engines: Engine) -> Iterator[list[str]]:
    """Note every statement that is sent on the engines, and those that the product sends on its own."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    def note_ours(dialect: str, statement: str) -> None:
        sent.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    transactions.watchers.append(note_ours)
    try:
        yield sent
    finally:
        transactions.watchers.remove(note_ours)
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
