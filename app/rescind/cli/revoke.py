"""`rescind revoke`: the operator's way to `revoke(selector, cause)`."""

from collections.abc import Callable
from dataclasses import dataclass

import click

from rescind.cli.commands import Job, all_from_stdin, command, destructive, tenant_option
from rescind.cli.covering import confirm_end, covered
from rescind.cli.output import Record
from rescind.domain import names
from rescind.domain.revoking import presence, revocation, selectors
from rescind.domain.revoking.causes import OPERATOR, Cause
from rescind.domain.revoking.selectors import Selector
from rescind.errors import NotFound

# Behind the sentence that nothing is kept of a subject.
_NOTED = " The end is noted all the same: who is about to come, having signed in before it, is not let in."
reason_option = click.option("--reason", metavar="TEXT", help="Kept with the event.")
absent_option = click.option("--if-exists", is_flag=True, help="Exit with 0 also where it is not there.")


@dataclass(frozen=True, slots=True)
class _Named:
    """What is to end, and the line of standard input that named it; None where that was an argument."""

    selector: Selector
    line: int | None = None

    def answer(self, record: Record, *, is_there: Callable[[], bool]) -> Record:
        """Say in the answer to a line which that was; a token is not repeated."""
        return record if self.line is None else {"line": self.line, "is_there": is_there(), **record}

    def __str__(self) -> str:
        return _name(self.selector) + ("" if self.line is None else f" (line {self.line})")


@click.group()
def revoke() -> None:
    """End a token, a grant, a session, an access, or all of a subject, a client or a tenant.

    It takes hold at once, everywhere. Of a subject, client or tenant everything ends that was given until
    now. To revoke what has ended already changes nothing and is no error; what is not there is one, unless
    --if-exists. The end of a subject of whom nothing is kept is noted all the same, for who is about to
    come. With "-" each line of standard input names one, and gets an answer with its number.
    """


def _add(kind: str, selector: Callable[[str, str], Selector], text: str) -> None:
    @command(kind, revoke)
    @click.argument("named", metavar="ID|-")
    @tenant_option
    @reason_option
    @absent_option
    @destructive
    def run(
        job: Job,
        named: str,
        tenant_name: str,
        reason: str | None,
        if_exists: bool,
        dry_run: bool,
        is_sure: bool,
    ) -> None:
        found = [_Named(selector(tenant_name, each), line) for line, each in all_from_stdin(named)]
        absent = _revoke(job, found, reason, dry_run, is_sure)
        noted = _NOTED if kind == selectors.Subject.kind else ""
        if absent and not if_exists:
            others = f", and {len(absent) - 1} more" if absent[1:] else ""
            raise NotFound(f"There is no such {kind}: {absent[0]}{others}.{noted}")
        if absent and noted:
            job.out.say(f"Nothing is kept of {absent[0]}.{noted}")

    run.help = text


def _add_tenant() -> None:
    @command("tenant", revoke)
    @tenant_option
    @reason_option
    @destructive
    def run(job: Job, tenant_name: str, reason: str | None, dry_run: bool, is_sure: bool) -> None:
        """End every session and grant of a tenant."""
        _revoke(job, [_Named(selectors.Tenant(tenant_name))], reason, dry_run, is_sure)


def _add_access() -> None:
    @command("access", revoke)
    @tenant_option
    @click.option("--subject", required=True, metavar="S", help="Who has given it.")
    @click.option("--client", "client_id", required=True, metavar="C", help="To whom it was given.")
    @reason_option
    @absent_option
    @destructive
    def run(
        job: Job,
        tenant_name: str,
        subject: str,
        client_id: str,
        reason: str | None,
        if_exists: bool,
        dry_run: bool,
        is_sure: bool,
    ) -> None:
        """End all that a subject has given a client, as "remove access" does on the account page.

        Sessions go on, and so does what the subject has given to others.
        """
        names.subject(subject)
        found = [_Named(selectors.Access(tenant_name, subject, client_id))]
        if _revoke(job, found, reason, dry_run, is_sure) and not if_exists:
            raise NotFound(f"The subject {subject} has given the client {client_id} nothing that is kept.")


def _revoke(job: Job, found: list[_Named], reason: str | None, dry_run: bool, is_sure: bool) -> list[_Named]:
    """End one after the other, with an answer for each; gives those that are not there."""
    if dry_run:
        job.out.series(_counted(job, each) for each in found)
        return []
    # Several come from a file or another program: then there is nobody to ask.
    confirm_end(job, found[0].selector, f"End {found[0]}", is_sure=is_sure)
    cause = Cause(OPERATOR, job.actor, names.reason(reason) if reason else None)
    absent: list[_Named] = []

    def end(named: _Named) -> Record:
        record = _end(job, named.selector, cause)
        if record is None:
            absent.append(named)
        done = record or {"revoked": False, "event_id": None}
        return named.answer(done, is_there=lambda: record is not None)

    job.out.series(end(each) for each in found)
    return absent


def _counted(job: Job, named: _Named) -> Record:
    counted = {"dry_run": True, **covered(job, named.selector)}
    return named.answer(counted, is_there=lambda: presence.is_there(job.authority, named.selector))


def _end(job: Job, selector: Selector, cause: Cause) -> Record | None:
    """End one; None where it is not there. That is asked behind the act: nothing is to come in between."""
    done = revocation.revoke(job.authority, selector, cause)
    if not done.revoked and not presence.is_there(job.authority, selector):
        return None
    if not done.revoked:
        had = "had nothing to end" if isinstance(selector, selectors.Subject) else "had ended already"
        job.out.say(f"The {selector.kind} {had}.")
    return {"revoked": done.revoked, "event_id": done.event_id}


def _name(selector: Selector) -> str:
    """Name what is ended; of a token only that it is one."""
    match selector:
        case selectors.Tenant(tenant):
            return f"the tenant {tenant}"
        case selectors.Token(tenant):
            return f"the token of the tenant {tenant}"
        case selectors.Access(tenant, subject, client_id):
            return f"what the subject {subject} has given the client {client_id} of the tenant {tenant}"
        case selectors.Grant(tenant, named) | selectors.Session(tenant, named):
            pass
        case selectors.Subject(tenant, named) | selectors.Client(tenant, named):
            pass
    return f"the {selector.kind} {named} of the tenant {tenant}"


def _token(tenant_name: str, named: str) -> Selector:
    # No token holds white space, and one that is read from a file comes with it.
    return selectors.Token(tenant_name, named.strip())


def _subject(tenant_name: str, named: str) -> Selector:
    names.subject(named)
    return selectors.Subject(tenant_name, named)


_add("token", _token, "End a token and its grant.")
_add("grant", selectors.Grant, "End a grant with all its tokens.")
_add("session", selectors.Session, "End a session and the grants that hang on it; the same as its logout.")
_add("subject", _subject, "End every session and grant of a subject.")
_add("client", selectors.Client, "End every grant of a client.")
_add_tenant()
_add_access()


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(revoke)
