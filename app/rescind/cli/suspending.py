"""`rescind client disable` and `enable`."""

import click

from rescind.cli.commands import Job, command, destructive, tenant_option
from rescind.cli.covering import confirm_end, covered
from rescind.domain import names
from rescind.domain.registry import clients, suspending
from rescind.domain.revoking import selectors
from rescind.errors import NotFound
from rescind.store.records import TenantRecord

id_argument = click.argument("client_id")
reason_option = click.option("--reason", metavar="TEXT", help="Kept with the event.")


@command("disable")
@tenant_option
@id_argument
@reason_option
@destructive
def disable(
    job: Job, tenant_name: str, client_id: str, reason: str | None, dry_run: bool, is_sure: bool
) -> None:
    """Stop a client for a while: it gets nothing, and its tokens are not active until it is enabled.

    Nothing is revoked: it goes on then with what was not revoked and has not expired meanwhile.
    One whose id is the URL of its document is kept out so before it comes, too.
    """
    tenant, selector = job.tenant(tenant_name), selectors.Client(tenant_name, client_id)
    stop = suspending.disable if _is_there(job, tenant, client_id) else suspending.keep_out
    if dry_run:
        job.out.record({"dry_run": True, "client_id": client_id, **covered(job, selector)})
        return
    confirm_end(job, selector, f"Stop the client {client_id} of the tenant {tenant_name}", is_sure=is_sure)
    why = names.reason(reason) if reason else None
    event_id = stop(job.authority, tenant, client_id, actor=job.actor, reason=why)
    if event_id is None:
        job.out.say(f"The client {client_id} was disabled already.")
    job.out.record({"client_id": client_id, "disabled": True, "event_id": event_id})


@command("enable")
@tenant_option
@id_argument
@reason_option
def enable(job: Job, tenant_name: str, client_id: str, reason: str | None) -> None:
    """Let a client that is disabled go on; what was revoked meanwhile stays so."""
    why = names.reason(reason) if reason else None
    tenant = job.tenant(tenant_name)
    event_id = suspending.enable(job.authority, tenant, client_id, actor=job.actor, reason=why)
    if event_id is None:
        job.out.say(f"The client {client_id} was not disabled.")
    job.out.record({"client_id": client_id, "disabled": False, "event_id": event_id})


def _is_there(job: Job, tenant: TenantRecord, client_id: str) -> bool:
    """Tell whether a client has a row, or could still come.

    Raises:
        NotFound: there is none, and none of this id comes by itself.
    """
    try:
        clients.get(job.authority, tenant, client_id)
    except NotFound:
        # What it needs takes long to import.
        from rescind.protocol import documented_clients

        if not documented_clients.may_come(job.authority, tenant, client_id):
            raise
        return False
    return True


def add_to(client: click.Group) -> None:
    """Add both to the group of clients."""
    client.add_command(disable)
    client.add_command(enable)
