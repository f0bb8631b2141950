"""What the stand-alone server and the `rescind` command start with: the settings and the secret key."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rescind.secret_key import ensure_secret_key
from rescind.setting_values import sqlite_path
from rescind.settings import Settings

__all__ = ["instance_path", "is_beside_others", "load_settings", "missing_file"]


def load_settings(config: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings as the stand-alone server does, with a secret key.

    Args:
        config: Flask configuration; its `RESCIND_` keys go before those of the environment.

    Raises:
        SettingsError: a setting is unknown or wrong, or development can't keep its secret key.
    """
    return ensure_secret_key(Settings.load(os.environ, config or {}, instance_path=instance_path()))


def missing_file() -> str | None:
    """Give the path of the SQLite file that the settings name, where it could be and is not.

    Whoever only looks at a store asks this first: to connect makes the file, and to read the settings a key.

    Raises:
        SettingsError: a setting is unknown or wrong.
    """
    settings = Settings.load(os.environ, {}, instance_path=instance_path())
    path = sqlite_path(settings.resolved_database_url)
    if path is None or os.path.lexists(path):
        return None
    folder = os.path.dirname(path)
    is_of_instance = path.startswith(os.path.join(settings.instance_path, ""))
    return path if is_of_instance or os.path.isdir(folder) else None


def instance_path() -> str:
    """Give the instance folder of a Flask application that is named like the package.

    As Flask finds it, but without Flask, for which most commands have no other use.
    """
    folder = Path(__file__).absolute().parents[1]
    prefix = _prefix(folder)
    return str(folder / "instance" if prefix is None else prefix / "var" / "rescind-instance")


def is_beside_others() -> bool:
    """Tell whether this may be the environment of an application that mounts Rescind on a store of its own.

    So it is where the package is installed and not in a checkout, or Flask is told of an application; and not
    where an instance folder is named, as only the stand-alone server has use for it.
    """
    if "RESCIND_INSTANCE_PATH" in os.environ:
        return False
    return "FLASK_APP" in os.environ or _prefix(Path(__file__).absolute().parents[1]) is not None


def _prefix(folder: Path) -> Path | None:
    """Give where the package is installed, by the folder that it is imported from; None in a checkout."""
    if folder.is_relative_to(Path(sys.prefix).absolute()):
        return Path(sys.prefix).absolute()
    site = folder.parent
    if folder.name.lower() != "site-packages":
        return None
    if site.name.lower() == "lib":
        return site.parent
    return site.parents[1] if site.parent.name.lower() == "lib" else site
