"""A sign-in with the old password that is under way when its person changes it: it must come to nothing."""

import pytest

from rescind.domain.authority import Authority
from rescind.domain.people import own_password
from rescind.domain.registry import tenants
from tests.domain.people.signing_in import PASSWORD, enter, new_user, session_of
from tests.domain.people.test_sign_in_races import NEW_PASSWORD, enter_interrupted, interrupted
from tests.servers import Tenant

__all__ = ["interrupted"]

pytestmark = pytest.mark.usefixtures("cheap_hashes")


@pytest.mark.parametrize("after", ["look", "password", "session"])
def test_no_session_begins_with_an_old_password(
    tenant: Tenant,
    interrupted: Authority,
    after: str,
) -> None:
    new_user(tenant)
    at_hand = session_of(tenant, enter(tenant, password=PASSWORD))

    def change(tenant: Tenant) -> None:
        authority = tenant.server.authority
        record = tenants.get(authority, tenant.name)
        own_password.change(authority, record, at_hand, PASSWORD, NEW_PASSWORD, address="", request_id=None)

    late = enter_interrupted(tenant, interrupted, change, after=after)

    assert not session_of(tenant, late).is_active
    assert session_of(tenant, enter(tenant, password=NEW_PASSWORD)).is_active
