"""What scope values mean to people: in a tenant's own words or, where it has none for it, in ours.

Each goes on where a page says "it would be allowed to".
"""

from collections.abc import Iterable, Mapping

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.errors import BadValue, NotFound, Refused
from rescind.store import scope_texts
from rescind.store.records import TenantRecord

BUILT_IN: Mapping[str, str] = {
    "openid": "know who you are",
    "profile": "see your name, your picture and what else your profile holds",
    "email": "see your e-mail address",
    "phone": "see your phone number",
    "offline_access": "keep access after you have signed out",
}


def put(authority: Authority, tenant: TenantRecord, scope: str, text: str) -> None:
    """Say what a scope value means.

    Raises:
        BadValue: it is not one scope value, or the text is not what it must be.
        Refused: the tenant has said so of too many.
    """
    value, text = _value(scope), names.display_name(text)
    if not authority.store.transact(lambda tx: scope_texts.put(tx, tenant.id, value, text)):
        raise Refused(f"A tenant has {scope_texts.MOST} sentences for scope values at most.")


def delete(authority: Authority, tenant: TenantRecord, scope: str) -> None:
    """Take a tenant's sentence away; a built-in one counts again.

    Raises:
        NotFound: there is none.
    """
    value = _value(scope)
    if not authority.store.transact(lambda tx: scope_texts.delete_one(tx, tenant.id, value)):
        raise NotFound(f"The tenant {tenant.name} has no sentence for {value!r}.")


def list_all(authority: Authority, tenant: TenantRecord) -> dict[str, str]:
    """Give the sentences that count, by scope value: the tenant's, and the built-in ones for the rest."""
    with authority.store.reading() as tx:
        return {**BUILT_IN, **dict(scope_texts.list_all(tx, tenant.id))}


def said(authority: Authority, tenant: TenantRecord, scope: Iterable[str]) -> list[tuple[str, str]]:
    """Give each value of a scope behind the sentence for it, which is empty where there is none."""
    texts = list_all(authority, tenant)
    return [(texts.get(word, ""), word) for word in scope]


def _value(scope: str) -> str:
    values = names.registered_scope(scope)
    if len(values) != 1:
        raise BadValue("A sentence is for one scope value, without spaces.")
    return values[0]
