"""Whether a server or a command can do its work on its store, and in words why not."""

import time

from rescind.domain.authority import Authority
from rescind.domain.registry import secret_keys
from rescind.errors import StoreUnavailable
from rescind.store import durability, migrated
from rescind.store.standing import ASK_STANDING

UNMIGRATED = "not migrated"
OF_ANOTHER_KEY = "another secret key"
# So long a server goes by what it has seen of the store's secret keys, which may be replaced meanwhile.
LOOK_AGAIN_SECONDS = 60


def check(authority: Authority) -> None:
    """Look whether the server can serve.

    Raises:
        SettingsError: its secret key is another than the store's.
        StoreUnavailable: it can't; the text says why, to who operates it.
    """
    store = authority.store
    if migrated.is_behind(migrated.current(store)):
        raise StoreUnavailable(not_migrated(authority), UNMIGRATED, is_lasting=True)
    migrated.read_a_row(store)
    # Before any transaction, beside which it would be asked on another connection.
    _ = store.is_settled
    durability.check(store)
    with store.reading() as tx:
        standing = tx.value(ASK_STANDING)
    # Behind its lease, or on a standby, it would answer with 503.
    store.vouch(standing)
    _recognise(authority)


def _recognise(authority: Authority) -> None:
    """Look whether the store knows the secret key, and again when a minute has gone."""
    keyring, now = authority.keyring, time.monotonic()
    if now >= keyring.looked_at + LOOK_AGAIN_SECONDS:
        keyring.is_recognised = False
    if not keyring.is_recognised:
        secret_keys.recognise(authority)
        keyring.looked_at = now


def not_migrated(authority: Authority) -> str:
    """Say which store is not migrated, without its password, and what to run."""
    return f"The store {authority.store.address} is not migrated: run {authority.store.command} db upgrade."


def not_finished(authority: Authority) -> str:
    """Say that the last step of an upgrade is left, and what to run when."""
    return (
        f"The upgrade of the store is not finished: run {authority.store.command} db upgrade --finish "
        "once every worker runs this version."
    )


def unready(authority: Authority) -> str | None:
    """Say in a sentence why the server can't serve; None where it can.

    Raises:
        SettingsError: its secret key is another than the store's, which no waiting mends.
    """
    try:
        check(authority)
    except StoreUnavailable as error:
        return str(error)
    return None
