"""What names look like: kept of what operators register, and filled in for what was there before."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from rescind.domain import upgrading
from rescind.domain.people import personal_tokens
from rescind.domain.registry import tenants
from rescind.errors import Refused
from rescind.store import likenesses
from rescind.store.likenesses import likeness
from rescind.store.tables import clients
from tests.servers import Tenant
from tests.store.test_backfilling import tenant, unsettle

__all__ = ["tenant"]

ALIKE = [
    ("PayPal", "PayPaI", "paypal", "\u0440\u0430\u0443\u0440\u0430l", "Pay Pal", "P\u00e1ypal", "PAYPAL"),
    ("Ledger", *(f"Led{each}ger" for each in "\u115f\u3164\uffa0\u17b4\u034f\ufe0f\u2800\U000e0101")),
    ("Google", "G00gle", "G\u03bfogle", "Goog1e"),
    ("Mail", "\u216fail", "rnail"),
    ("Notes", "\u039d\u039f\u03a4\u0395\u0405", "\U0001d40d\U0001d428\U0001d42d\U0001d41e\U0001d42c"),
]


@pytest.mark.parametrize("names", ALIKE, ids=[first for first, *_ in ALIKE])
def test_names_that_look_alike_are_one(names: tuple[str, ...]) -> None:
    assert {likeness(name) for name in names} == {likeness(names[0])}


def test_names_that_look_different_are_not() -> None:
    names = [
        "Ledger",
        "Ledgers",
        "Legder",
        "\u30ce\u30fc\u30c8",
        "\u30fc\u30c8",
        "\u6f22\u5b57",
        "\U0001f389",
        "!",
    ]

    assert len({likeness(name) for name in names}) == len(names)


def test_the_client_that_the_server_keeps_has_a_likeness(tenant: Tenant) -> None:
    authority = tenant.server.authority
    personal_tokens.turn_on(authority, tenant.record, actor="operator")

    with authority.store.reading() as tx:
        assert likenesses.is_taken(tx, tenant.record.id, "Personal access t0kens")


def test_no_tenant_is_opened_before_names_of_the_version_before_are_known(tenant: Tenant) -> None:
    authority = tenant.server.authority
    tenant.new_client(name="Ledger")
    renamed = tenant.new_client(name="Books").client_id
    # As the version before makes a client, and as it changes a name.
    with authority.store.opened(is_writing=True) as connection:
        of_tenant = update(clients).where(clients.c.tenant_id == tenant.record.id)
        is_renamed = clients.c.client_id == renamed
        connection.execute(of_tenant.where(~is_renamed).values(likeness=None))
        connection.execute(of_tenant.where(is_renamed).values(name="Journal"))
    unsettle(tenant.server)
    # As another process sees it, which has not known it before.
    authority = replace(authority, store=authority.store.apart(pool_size=1))
    with pytest.raises(Refused, match="db upgrade --finish"):
        tenants.update(authority, tenant.record, {"registration": "token"})
    tenants.update(authority, tenant.record, {"registration": "closed"})

    upgrading.finish(authority)

    with authority.store.reading() as tx:
        taken = [likenesses.is_taken(tx, tenant.record.id, name) for name in ("LEDGER", "JOURNAL", "BOOKS")]
    assert taken == [True, True, False]
    authority.store.dispose()
