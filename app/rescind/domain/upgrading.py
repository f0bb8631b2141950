"""The last step of an upgrade, with what the settings say of it."""

from rescind.domain.authority import Authority
from rescind.domain.registry.keys import longest_sign_in_seconds
from rescind.store import migrating
from rescind.store.altering import Tell, silent
from rescind.store.backfilling import Kept

_DAY_SECONDS = 86_400


def finish(authority: Authority, *, is_rebuilding: bool = False, tell: Tell = silent) -> None:
    """Bring the store to the newest revision, once no worker of the version before is left.

    Args:
        is_rebuilding: change the collation of ids too, for which the tables are locked.
        tell: called with a sentence when something takes its time.

    Raises:
        Refused: a newer version of the package has migrated it. Nothing was changed.
        StoreUnavailable: what was done stays, and the same call goes on with it.
    """
    settings = authority.settings
    kept = Kept(settings.audit_days * _DAY_SECONDS, longest_sign_in_seconds(authority))
    migrating.finish(authority.store, kept, is_rebuilding=is_rebuilding, tell=tell)
