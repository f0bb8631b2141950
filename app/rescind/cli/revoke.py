"""`rescind revoke`: the operator's way to `revoke(selector, cause)`."""

from collections.abc import Callable

import click

from rescind.cli.commands import Job, command, destructive, from_stdin, tenant_option
from rescind.cli.output import Record
from rescind.domain import names
from rescind.domain.revoking import revocation, selectors
from rescind.domain.revoking.causes import OPERATOR, Cause
from rescind.domain.revoking.selectors import Selector
from rescind.errors import StoreUnavailable

reason_option = click.option("--reason", metavar="TEXT", help="Kept with the event.")


@click.group()
def revoke() -> None:
    """End a token, a grant, a session, or all of a subject, a client or a tenant.

    It takes hold at once, everywhere. To revoke a token, grant or session that is not active changes nothing
    and is no error. Of a subject, client or tenant everything ends that was given until now.
    """


def _add(kind: str, selector: Callable[[str, str], Selector], text: str) -> None:
    @command(kind, revoke)
    @click.argument(
        "named", metavar="ID|-", required=kind != "tenant", default="" if kind == "tenant" else None
    )
    @tenant_option
    @reason_option
    @destructive
    def run(job: Job, named: str, tenant_name: str, reason: str | None, dry_run: bool, is_sure: bool) -> None:
        _revoke(job, selector(tenant_name, from_stdin(named) or ""), reason, dry_run, is_sure)

    run.help = text


def _revoke(job: Job, selector: Selector, reason: str | None, dry_run: bool, is_sure: bool) -> None:
    if dry_run:
        job.out.record({"dry_run": True, **covered(job, selector)})
        return
    job.confirm(f"End {_target(selector)} and all that hangs on it?", is_sure=is_sure)
    has_none = _has_no_grant(job, selector)
    cause = Cause(OPERATOR, job.actor, names.reason(reason) if reason else None)
    done = revocation.revoke(job.authority, selector, cause)
    if not done.revoked:
        doubt = " Is that how it is spelt?" if selector.kind == "subject" else ""
        job.out.say(f"There was no active {selector.kind} to end.{doubt}")
    elif has_none:
        job.out.say(f"The {selector.kind} had no active grant: is that how it is spelt? Sessions have ended.")
    job.out.record({"revoked": done.revoked, "event_id": done.event_id})


def covered(job: Job, selector: Selector) -> Record:
    """Tell how many active grants a revocation would end, and whether these are all."""
    count, is_all = revocation.count_covered(job.authority, selector)
    return {"active_grants": count, "is_all": is_all}


def _has_no_grant(job: Job, selector: Selector) -> bool:
    if not isinstance(selector, selectors.Subject):
        return False
    try:
        return revocation.count_covered(job.authority, selector, most=0) == (0, True)
    except StoreUnavailable:
        # To know it is no reason not to revoke.
        return False


def _target(selector: Selector) -> str:
    """Name what is ended; of a token only that it is one."""
    match selector:
        case selectors.Tenant(tenant):
            return f"the tenant {tenant}"
        case selectors.Token(tenant):
            return f"the token of the tenant {tenant}"
        case selectors.Grant(tenant, named) | selectors.Session(tenant, named):
            pass
        case selectors.Subject(tenant, named) | selectors.Client(tenant, named):
            pass
    return f"the {selector.kind} {named} of the tenant {tenant}"


def _tenant(tenant_name: str, named: str) -> Selector:
    if named not in {"", tenant_name}:
        raise click.UsageError("The tenant is named twice, and not the same.")
    return selectors.Tenant(tenant_name)


def _subject(tenant_name: str, named: str) -> Selector:
    names.subject(named)
    return selectors.Subject(tenant_name, named)


_add("token", selectors.Token, "End a token and its grant.")
_add("grant", selectors.Grant, "End a grant with all its tokens.")
_add("session", selectors.Session, "End a session and the grants that hang on it; the same as its logout.")
_add("subject", _subject, "End every session and grant of a subject.")
_add("client", selectors.Client, "End every grant of a client.")
_add("tenant", _tenant, "End every session and grant of a tenant.")


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(revoke)
