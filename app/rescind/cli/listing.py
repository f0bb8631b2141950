"""`rescind grant list` and `rescind session list`."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

import click

from rescind.cli.commands import Job, command, tenant_option
from rescind.cli.output import Record
from rescind.domain import names
from rescind.domain.paging import PAGE_ROWS, Row, pages
from rescind.store import grants, sessions
from rescind.store.records import GrantRecord, SessionRecord
from rescind.store.spellings import each_spelling

client_option = click.option("--client", "client_id", metavar="C", help="Only those of this client.")
subject_option = click.option("--subject", metavar="S", help="Only those about this subject.")


@click.group()
def grant() -> None:
    """Look at grants."""


@click.group()
def session() -> None:
    """Look at sessions."""


@command("list", grant)
@tenant_option
@subject_option
@client_option
def list_grants(job: Job, tenant_name: str, subject: str | None, client_id: str | None) -> None:
    """List grants that are still kept, with their state: active, ended, expired, or suspended."""
    rows = _all(job, grants.list_some, lambda each: each.id, tenant_name, subject, client_id)
    job.out.records((_describe_grant(each) for each in rows), "There is none.")


@command("list", session)
@tenant_option
@subject_option
@client_option
def list_sessions(job: Job, tenant_name: str, subject: str | None, client_id: str | None) -> None:
    """List sessions that are still kept, with their state: active, ended or expired."""
    rows = _all(job, sessions.list_some, lambda each: each.sid, tenant_name, subject, client_id)
    job.out.records((_describe_session(each) for each in rows), "There is none.")


def _all(
    job: Job,
    list_some: Callable[..., list[Row]],
    key: Callable[[Row], str],
    tenant_name: str,
    subject: str | None,
    client_id: str | None,
) -> Iterator[Row]:
    """Read page by page what the options name, once they are checked."""
    tenant = job.tenant(tenant_name)
    if subject is not None:
        names.subject(subject)
    client_id = names.client_id(client_id) if client_id is not None else None

    def page(subject: str | None, after: str) -> list[Row]:
        with job.authority.store.reading() as tx:
            return list_some(
                tx,
                tenant.id,
                subject=subject,
                client_id=client_id,
                after=after,
                limit=PAGE_ROWS,
            )

    written = [None] if subject is None else each_spelling(subject)
    return chain.from_iterable(pages(partial(page, each), key, "") for each in written)


def _describe_grant(grant: GrantRecord) -> Record:
    return {
        "grant_id": grant.id,
        "client_id": grant.client_id,
        "subject": grant.subject,
        "session": grant.session_sid,
        "scope": " ".join(grant.scope),
        "aud": list(grant.audience),
        "created_at": grant.created_at,
        "expires_at": grant.expires_at,
        "state": _state(grant),
    }


def _describe_session(session: SessionRecord) -> Record:
    return {
        "session": session.sid,
        "subject": session.subject,
        "auth_time": session.auth_time,
        "expires_at": session.expires_at,
        "user_agent": session.user_agent,
        "seen_at": session.seen_at,
        "state": _state(session),
    }


def _state(record: GrantRecord | SessionRecord) -> str:
    if record.is_ended:
        return "ended"
    if record.is_expired:
        return "expired"
    return "active" if record.is_active else "suspended"


def add_to(cli: click.Group) -> None:
    """Add the groups."""
    cli.add_command(grant)
    cli.add_command(session)
