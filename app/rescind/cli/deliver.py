"""`rescind deliver`."""

import time

import click

from rescind.cli.commands import Job, command
from rescind.domain.revoking.deliveries import Outcome
from rescind.errors import RescindError
from rescind.web.serving import backchannel

EVERY_SECONDS = 1


@command("deliver")
@click.option("--once", is_flag=True, help="Send what is due now, and exit.")
def deliver(job: Job, once: bool) -> None:
    """Send logout tokens to clients that registered a back-channel logout URI. `serve` does the same.

    One that is not taken is sent again, ever later, for a day. Any number of deliverers may run.
    """
    authority = job.authority
    while True:
        is_any = False
        try:
            for outcome in backchannel.deliver(authority):
                _show(job, outcome)
                is_any = True
        except RescindError as error:
            if once:
                raise
            job.out.say(f"rescind: {error}")
        if once:
            if job.out.as_json and not is_any:
                job.out.record({"messages": 0})
            return
        time.sleep(EVERY_SECONDS)


def _show(job: Job, outcome: Outcome) -> None:
    record = {
        "tenant": outcome.tenant,
        "client_id": outcome.client_id,
        "event_id": outcome.event_id,
        "delivered": outcome.done,
        "attempts": outcome.attempts,
        "next_at": outcome.next_at,
    }
    if job.out.as_json:
        job.out.record(record)
        return
    told = "was told" if outcome.done else "was not told"
    job.out.show(f"{outcome.tenant}: {outcome.client_id} {told} (event {outcome.event_id})")


def add_to(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(deliver)
