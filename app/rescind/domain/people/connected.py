"""What a subject has given to clients: see it, and rely on it. `revoking.access` takes it back.

All that is about one person is gone through, whichever way rows of before have the name.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from rescind.domain import resources
from rescind.domain.authority import Authority
from rescind.store import grants
from rescind.store.records import ConnectedClient, TenantRecord
from rescind.store.spellings import each_spelling

# Of more grants of one client the older ones are not looked through for what they cover.
_MOST_LOOKED_AT = 1000


def list_connected(authority: Authority, tenant: TenantRecord, subject: str) -> list[ConnectedClient]:
    """List the clients that hold something of a subject's, by id; what, by the newest thousand grants."""
    found: dict[str, ConnectedClient] = {}
    with authority.store.reading() as tx:
        for each in each_spelling(subject):
            for client in grants.connected(tx, tenant.id, each, limit=_MOST_LOOKED_AT):
                known = found.get(client.client_id)
                found[client.client_id] = _both(known, client) if known else client
    return [found[client_id] for client_id in sorted(found)]


def has_given(
    authority: Authority,
    tenant: TenantRecord,
    subject: str,
    client_id: str,
    scope: Iterable[str],
    audience: Collection[str] = (),
) -> bool:
    """Tell whether a live grant that the subject gave covers scope and audience: then nothing is asked.

    What an operator has issued (`rescind token issue`) does not count. One of the newest thousand; what only
    an older one covers is asked for again.
    """
    with authority.store.reading() as tx:
        given = [
            consented
            for each in each_spelling(subject)
            for consented in grants.consented(tx, tenant.id, each, client_id, limit=_MOST_LOOKED_AT)
        ]
    wanted = set(scope)
    return any(wanted <= set(words) and resources.covers(places, audience) for words, places in given)


def _both(one: ConnectedClient, other: ConnectedClient) -> ConnectedClient:
    return replace(
        one,
        scope=tuple(dict.fromkeys((*one.scope, *other.scope))),
        given_at=min(one.given_at, other.given_at),
        token_issued_at=max(one.token_issued_at, other.token_issued_at),
    )
