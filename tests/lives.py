"""Whether a token of the tests was ever issued: of one that was not, "not active" says nothing.

So who issues a token sees that it is live, and who asks about one that is not learns if nobody issued it. To
have seen it once is enough: a purge may take it away.
"""

from typing import Any

from rescind.domain.authority import Authority
from rescind.domain.tokens.issuing import IssuedTokens
from rescind.errors import StoreUnavailable
from rescind.store import admission
from rescind.store.records import TokenRecord

_seen: set[str] = set()


def see(authority: Authority, tenant_id: int, issued: IssuedTokens) -> IssuedTokens:
    """See that what was issued just now is live, by the store's own word, and give it back."""
    for token in filter(None, (issued.access_token, issued.refresh_token)):
        record = _find(authority, tenant_id, token)
        assert record is not None
        assert not (record.is_ended or record.is_expired)
        _seen.add(token)
    return issued


def answered(authority: Authority, tenant_id: int, token: str, body: dict[str, Any]) -> bool:
    """Take what introspection answers about a token: is it active?"""
    if body.get("active") is True:
        _seen.add(token)
        return True
    assert body == {"active": False}
    if token not in _seen:
        found = _find(authority, tenant_id, token)
        assert found is not None, "Nobody has issued this token: that it is not active tells nothing."
        _seen.add(token)
    return False


def _find(authority: Authority, tenant_id: int, token: str) -> TokenRecord | None:
    try:
        return _read(authority, tenant_id, token)
    except StoreUnavailable:
        # A connection of before an outage that the test has made.
        return _read(authority, tenant_id, token)


def _read(authority: Authority, tenant_id: int, token: str) -> TokenRecord | None:
    with authority.store.reading() as tx:
        return admission.find_token(tx, tenant_id, authority.keyring.presented(token))
