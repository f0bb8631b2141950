"""Any sequence of issuing, exchanging, refreshing, revoking, waiting and purging, against a plain model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from tests.domain.revoking.machine import Machine
from tests.domain.revoking.revocation_model import (
    ACCESS_SECONDS,
    GRACE_SECONDS,
    GRANT_SECONDS,
)
from tests.extent import tries
from tests.servers import Server
from tests.store.apart import serving


@pytest.fixture
def own_server(own_url: str, tmp_path: Path) -> Iterator[Server]:
    """Give a server with short times, so that a few steps go past them."""
    with serving(
        own_url,
        tmp_path,
        access_token_seconds=ACCESS_SECONDS,
        refresh_token_seconds=GRANT_SECONDS,
        refresh_grace_seconds=GRACE_SECONDS,
    ) as server:
        yield server


@pytest.mark.requirement("CAS-08")
def test_no_sequence_of_operations_leaves_a_token_active_that_a_revocation_covered(
    own_server: Server,
) -> None:
    class Here(Machine):
        server = own_server

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=tries(30),
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # To have a failing sequence made shorter, add `Phase.shrink`: that takes minutes.
            phases=[Phase.generate],
            print_blob=True,
        ),
    )
