"""The stand-alone server that tells when each request was at the store, and in which process.

gunicorn loads `tests.races.instrumented:create_app()`. Every answer then has two headers more: the worker's
pid, and the units of work of the request with their times on the clock that all processes share. What the
product does is left as it is, unless the environment names a fault to plant (see `tests.races.plants`).
"""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import flask

from rescind import create_app as create_honest_app
from rescind.store.engine import Store, Transaction
from tests.races import plants

PID_HEADER = "X-Worker-Pid"
UNITS_HEADER = "X-Store-Units"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of work: from before it asked for its turn or connection until after its commit."""

    is_writing: bool
    began_ns: int
    ended_ns: int


_units: ContextVar[list[Unit] | None] = ContextVar("units", default=None)


class MeasuredStore(Store):
    """The store, writing down the times of every unit of work."""

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        with _written_down(is_writing=False), super().reading() as tx:
            yield tx

    def _read(self, *arguments: Any) -> Any:
        with _written_down(is_writing=False):
            return super()._read(*arguments)

    def _write_at_once(self, *arguments: Any) -> Any:
        with _written_down(is_writing=True):
            return super()._write_at_once(*arguments)

    def _transact(self, *arguments: Any, **named: Any) -> Any:
        with _written_down(is_writing=True):
            return super()._transact(*arguments, **named)


@contextlib.contextmanager
def _written_down(*, is_writing: bool) -> Iterator[None]:
    began_ns = time.monotonic_ns()
    try:
        yield
    finally:
        units = _units.get()
        if units is not None:
            units.append(Unit(is_writing, began_ns, time.monotonic_ns()))


@contextlib.contextmanager
def measuring() -> Iterator[list[Unit]]:
    """Collect the units of work of this thread."""
    units: list[Unit] = []
    token = _units.set(units)
    try:
        yield units
    finally:
        _units.reset(token)


def as_text(units: list[Unit]) -> str:
    """Write units as a header has them."""
    return " ".join(f"{int(unit.is_writing)}:{unit.began_ns}:{unit.ended_ns}" for unit in units)


def from_text(text: str) -> list[Unit]:
    """Read units out of the header."""
    numbers = [[int(number) for number in unit.split(":")] for unit in text.split()]
    return [Unit(bool(is_writing), began_ns, ended_ns) for is_writing, began_ns, ended_ns in numbers]


def create_app() -> flask.Flask:
    """Make the server."""
    plants.plant(os.environ.get(plants.VARIABLE))
    app = create_honest_app()
    app.extensions["rescind"].authority.store.__class__ = MeasuredStore
    honest = app.wsgi_app

    def measured(environ: Any, start_response: Any) -> Iterable[bytes]:
        with measuring() as units:

            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                told = [(PID_HEADER, str(os.getpid())), (UNITS_HEADER, as_text(units))]
                return start_response(status, headers + told, exc_info)

            return honest(environ, start)

    app.wsgi_app = measured  # type: ignore[method-assign]
    return app
