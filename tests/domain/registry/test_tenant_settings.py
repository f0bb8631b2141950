"""What an operator sets for a tenant: kept as a whole, whoever else is at it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from rescind.domain.registry import tenant_settings, tenants
from rescind.errors import BadValue
from rescind.store import tenants as rows
from tests import stores
from tests.patience import LONG_SECONDS
from tests.servers import Server, Tenant

WAITS_SECONDS = 0.5


def test_what_is_not_known_here_stays_as_it_is() -> None:
    text = '{"theme": {"font": "x", "colour": "#000000"}, "later": [1]}'

    changed = tenant_settings.change(text, {"colour": "#ffffff", "logout_ends_offline_access": True})

    assert changed == (
        '{"theme": {"font": "x", "colour": "#ffffff"}, "later": [1], "logout_ends_offline_access": true}'
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", '{"theme": [], "logout_ends_offline_access": "yes"}'),
        '{"refresh_grace_seconds": true, "on_reuse": "keep", "is_rotating": 0}',
        '{"refresh_grace_seconds": 1801, "on_reuse": [], "is_rotating": null}',
    ],
)
def test_what_is_not_what_it_must_be_counts_as_not_set(text: str) -> None:
    parsed = tenant_settings.parse(text)

    assert parsed == tenant_settings.TenantSettings()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("colour", "#ffcc00; x: y", "A colour is # with six"),
        ("logo_url", "javascript:alert(1)", "A logo is an https URL"),
        ("logo_url", "http://cdn.example/logo.svg", "A logo is an https URL"),
        ("logo_url", "https://cdn.example/" + "x" * 65_536, "A logo is an https URL"),
        ("display_name", "n" * 256, "A name is 1 to 255 characters"),
    ],
    ids=["more than a colour", "script", "no TLS", "too long a logo", "too long a name"],
)
def test_what_a_page_could_not_show_is_refused(name: str, value: str, says: str) -> None:
    with pytest.raises(BadValue, match=says):
        tenant_settings.change("{}", {name: value})


def test_the_second_to_change_waits_for_the_first_and_loses_nothing(server: Server, tenant: Tenant) -> None:
    tenant_id = tenant.record.id
    with ThreadPoolExecutor(1) as pool, stores.transaction(server.authority.store) as tx:
        text = rows.settings_to_change(tx, tenant_id)
        second = pool.submit(tenants.update, server.authority, tenant.record, {"display_name": "Shop"})
        with pytest.raises(TimeoutError):
            second.result(timeout=WAITS_SECONDS)
        rows.set_settings(tx, tenant_id, tenant_settings.change(text, {"colour": "#ffcc00"}), None)

    second.result(timeout=LONG_SECONDS)

    found = tenants.settings_of(server.authority, tenant.record)
    assert (found.display_name, found.colour) == ("Shop", "#ffcc00")
