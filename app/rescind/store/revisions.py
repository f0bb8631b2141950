"""The migrations: where they stand, in which order, and what a store of a revision is to this version."""

import io
import itertools
from functools import cache
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from rescind.errors import Refused
from rescind.store.altering import Altering

# What a store is for this version: too old for it; usable, and by workers of the version before too; its own.
State = Literal["behind", "expanded", "settled"]


def head() -> str:
    """Give the newest revision that this version of the package knows."""
    return str(_scripts().get_current_head())


def state(revision: str | None) -> State:
    """Tell what a store of this revision is; one that is newer than we know is settled."""
    if revision is not None and revision not in {script.revision for script in in_order()}:
        return "settled"
    ahead = left(revision)
    if ahead and _is_last_step(ahead[0]):
        return "expanded"
    return "behind" if ahead else "settled"


def run(script: Script, altering: Altering) -> None:
    """Run one migration, and write down that the store has it."""
    command.upgrade(_config(altering), script.revision)


def pending(revision: str | None, *, with_last_step: bool) -> list[Script]:
    """List what is to be run on a store of a revision.

    Raises:
        Refused: it is of a later version.
    """
    if revision is not None and revision not in {script.revision for script in in_order()}:
        raise Refused("The store has a revision that this version of Rescind does not know.")
    ahead = left(revision)
    if revision is None or with_last_step:
        return ahead
    return list(itertools.takewhile(lambda script: not _is_last_step(script), ahead))


def left(revision: str | None) -> list[Script]:
    """List the migrations behind a revision."""
    after = itertools.dropwhile(lambda script: script.revision != revision, in_order())
    return list(in_order()) if revision is None else list(after)[1:]


def _is_last_step(script: Script) -> bool:
    return bool(getattr(script.module, "is_last_step", False))


@cache
def in_order() -> tuple[Script, ...]:
    """List all migrations, the oldest first."""
    return tuple(reversed(list(_scripts().walk_revisions())))


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(altering: Altering | None) -> Config:
    config = Config(output_buffer=io.StringIO())
    config.set_main_option("script_location", str(_folder()))
    config.set_main_option("path_separator", "os")
    config.attributes["altering"] = altering
    return config


def _folder() -> Path:
    here = Path(__file__).resolve()
    packaged = here.parents[1] / "migrations"
    return packaged if packaged.is_dir() else here.parents[3] / "migrations"
