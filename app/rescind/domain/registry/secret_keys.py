"""Whether a secret key is one of the store's: whoever brings another would make what its servers can't read.

The store knows digests of its keys. A list with a key that it knows is taken, and tells it the others; so
keys are changed by `old,new`, then `new,old`, then `new`. One without is refused, before it makes anything.
"""

from rescind.domain.authority import Authority
from rescind.domain.registry import tenants
from rescind.errors import SettingsError
from rescind.store import secret_keys
from rescind.store.secret_keys import KeyDigests

_UNKNOWN = (
    "The secret key is another than the store's: RESCIND_SECRET_KEY {found}. Set it as the store's servers "
    "have it. Only where theirs is lost, {mend} {command} db upgrade --new-key."
)
_YOUNGER = (
    "No secret key is set, and the one in the instance folder was made later than what the store holds: set "
    "RESCIND_SECRET_KEY as its servers have it. Only where theirs is lost, set a new one and run {command} "
    "db upgrade --new-key."
)


def recognise(authority: Authority) -> None:
    """See to it that the store knows the secret key; a store that knows none takes it for its own.

    Asked once: from then on it costs nothing.

    Raises:
        SettingsError: the store has another, or holds what was made with another.
        StoreUnavailable: not known.
    """
    keyring, store = authority.keyring, authority.store
    while not keyring.is_recognised:
        found = secret_keys.find(store)
        is_ours = _made_what_is_there(authority) if found is None else _is_known(found, keyring.digests)
        if is_ours is False:
            raise SettingsError(_unknown(authority))
        if is_ours is None and _is_younger(authority):
            raise SettingsError(_YOUNGER.format(command=store.command))
        after = _told(found, keyring.digests)
        if found is None:
            keyring.is_recognised = secret_keys.add(store, after)
        else:
            keyring.is_recognised = after == found or secret_keys.change(store, found, after)


def _unknown(authority: Authority) -> str:
    is_set, command = authority.settings.is_secret_key_set, authority.store.command
    found, mend = (
        ("is set to another here", "run") if is_set else ("is not set here", "set a new one and run")
    )
    return _UNKNOWN.format(found=found, mend=mend, command=command)


def accept(authority: Authority) -> None:
    """Let the store take the secret key for its own, and none that it knew before.

    Raises:
        StoreUnavailable: not known whether it was done; it may be done again.
    """
    _replace(authority, authority.keyring.digests)


def retire_older(authority: Authority) -> None:
    """Let the store know the first secret key alone, when nothing needs an older one any more.

    One that is still brought behind it, or in front of it, does no harm.

    Raises:
        StoreUnavailable: not known whether it was done; it may be done again.
    """
    _replace(authority, authority.keyring.digests[:1])


def _replace(authority: Authority, known: tuple[str, ...]) -> None:
    store, is_done = authority.store, False
    while not is_done:
        found = secret_keys.find(store)
        if found is None:
            is_done = secret_keys.add(store, KeyDigests(known, ()))
            continue
        replaced = tuple(each for each in (*found.replaced, *found.known) if each not in known)
        after = KeyDigests(known, replaced)
        is_done = after == found or secret_keys.change(store, found, after)
    authority.keyring.is_recognised = True


def _is_known(found: KeyDigests, given: tuple[str, ...]) -> bool:
    return not set(given).isdisjoint(found.known)


def _told(found: KeyDigests | None, given: tuple[str, ...]) -> KeyDigests:
    """Add the keys that the store did not know. One that was replaced counts where it is to make again."""
    if found is None:
        return KeyDigests(given, ())
    news = [each for each in given if each not in (*found.known, *found.replaced)]
    if given[0] in found.replaced:
        news.append(given[0])
    return KeyDigests((*found.known, *news), tuple(each for each in found.replaced if each not in news))


def _made_what_is_there(authority: Authority) -> bool | None:
    """Tell whether a key made what a store of an earlier version holds; None where nothing there can tell."""
    keyring, is_anothers = authority.keyring, False
    for tenant in tenants.list_all(authority):
        with authority.store.reading() as tx:
            secrets, encrypted = secret_keys.some_made(tx, tenant.id)
        told = [keyring.is_marked(each) for each in secrets]
        told += [keyring.decrypt(each) is not None for each in encrypted]
        if True in told:
            return True
        is_anothers |= False in told
    return False if is_anothers else None


def _is_younger(authority: Authority) -> bool:
    """Tell of a key that development made for itself whether something of the store is older than it.

    What says nothing of its key may be what a server has made with another one. The file of a development
    server is older than all that was made by it.
    """
    made_at = authority.keyring.made_at
    if made_at is None:
        return False
    with authority.store.reading() as tx:
        firsts = [secret_keys.first_made_at(tx, tenant.id) for tenant in tenants.list_all(authority)]
    return any(first is not None and first < int(made_at) for first in firsts)
