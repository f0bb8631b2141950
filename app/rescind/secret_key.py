"""The secret key that development makes for itself, in a file that only its owner can read."""

import logging
import os
import secrets
import stat
from contextlib import suppress
from dataclasses import fields

from rescind.errors import SettingsError
from rescind.settings import Settings

__all__ = ["ensure_secret_key", "made_at"]

FILE_NAME = "secret_key"

# When the keys were made that this process has from a file.
_made_at: dict[tuple[str, ...], float] = {}
_log = logging.getLogger(__name__)


class _WithMadeKey(Settings):
    """Settings that named no secret key, with the one that was made for them."""

    __slots__ = ()

    @property
    def is_secret_key_set(self) -> bool:
        """No: it was made."""
        return False


def ensure_secret_key(settings: Settings) -> Settings:
    """Give settings that have a secret key: the same object, or one with the key of the instance folder.

    The first process to come makes the file. However many start at once, all of them return the same key.

    Raises:
        SettingsError: the file can't be made or read, others can read it and that can't be changed, or
            what it holds is no key. In production this never happens: settings without a key do not exist.
    """
    if settings.secret_key:
        return settings
    path = os.path.join(settings.instance_path, FILE_NAME)
    try:
        os.makedirs(settings.instance_path, mode=0o700, exist_ok=True)
        if not os.path.lexists(path):
            _make(path)
        key = _read(path)
        _made_at[(key,)] = os.stat(path).st_mtime
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(
            f"The secret key of development can't be kept in {path} ({reason}): set RESCIND_SECRET_KEY."
        ) from None
    try:
        known = {each.name: getattr(settings, each.name) for each in fields(settings)}
        return _WithMadeKey(**{**known, "secret_key": (key,)})
    except SettingsError:
        raise SettingsError(f"{path} holds no secret key: remove it, or set RESCIND_SECRET_KEY.") from None


def made_at(settings: Settings) -> float | None:
    """Tell when development made the key that these settings have; None where it was set."""
    return _made_at.get(settings.secret_key)


def _make(path: str) -> None:
    """Put a new key at the path, all of it or nothing, and leave one that is there already.

    A link is made only where there is no file yet, so the first process wins; and what it links to is
    complete, so that the others never read half a key.
    """
    draft = f"{path}.{secrets.token_hex(8)}"
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            # Else a power cut can leave the name with nothing in it.
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft)


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            os.fchmod(file.fileno(), 0o600)
            # Some mounted file systems accept a mode and ignore it.
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise SettingsError(
                    f"{path} can be read by others, and its mode can't be changed: set RESCIND_SECRET_KEY."
                )
            _log.warning("%s could be read by others; now only its owner can", path)
        return file.read().removesuffix("\n")
