"""Whether a server or a command can do its work on its store, and in words why not."""

from rescind.domain.authority import Authority
from rescind.domain.registry import secret_keys
from rescind.errors import StoreUnavailable
from rescind.store import durability, migrated
from rescind.store.standing import ASK_STANDING

UNMIGRATED = "not migrated"
OF_ANOTHER_KEY = "another secret key"


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
    secret_keys.recognise(authority)


def not_migrated(authority: Authority) -> str:
    """Say that the store is not migrated, and what to run."""
    return f"The store is not migrated: run {authority.store.command} db upgrade."


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
