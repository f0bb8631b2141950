"""While workers of the version before may be left, nobody is offered to change their own password."""

from rescind.domain.people import own_password
from tests.domain.people.signing_in import new_user
from tests.servers import Tenant
from tests.store.test_lost_rows import unsettled

__all__ = ["unsettled"]


def test_it_is_offered_once_the_upgrade_is_finished(
    tenant: Tenant,
    unsettled: Tenant,
    cheap_hashes: None,
) -> None:
    offered = [
        own_password.has_password(each.server.authority, each.record, new_user(each))
        for each in (tenant, unsettled)
    ]

    assert offered == [True, False]
