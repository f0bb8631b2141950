"""`rescind audit`: what was revoked, why, and by whom."""

import heapq
from dataclasses import asdict
from functools import partial

import click

from rescind.cli.commands import Job, command, tenant_option
from rescind.cli.moments import LATEST, moment
from rescind.cli.output import Record
from rescind.domain import names
from rescind.domain.paging import PAGE_ROWS, pages
from rescind.store import audit as rows
from rescind.store.records import EventRecord
from rescind.store.spellings import each_spelling


@click.group()
def audit() -> None:
    """Look at the record of what was revoked."""


@command("list", audit)
@tenant_option
@click.option("--subject", metavar="S", help="Only what was about this subject.")
@click.option("--client", "client_id", metavar="C", help="Only what was about this client.")
@click.option("--cause", metavar="W", help="Only what had this cause, as in the column of that name.")
@click.option(
    "--since", callback=moment, metavar="TIME", help="Not before this time. Without a zone it is UTC."
)
@click.option("--until", callback=moment, metavar="TIME", help="Before this time.")
def list_(
    job: Job,
    tenant_name: str,
    subject: str | None,
    client_id: str | None,
    cause: str | None,
    since: int | None,
    until: int | None,
) -> None:
    """List what was revoked, the newest first: what, about whom, why, by whom, and on which request.

    A TIME is a date, a date and a time as 2026-11-30T16:00, or seconds since 1970.
    """
    tenant = job.tenant(tenant_name)
    if subject is not None:
        names.subject(subject)
    written = [None] if subject is None else each_spelling(subject)
    asked = {
        "client_id": names.client_id(client_id) if client_id is not None else None,
        "cause": names.cause(cause) if cause is not None else None,
    }

    def page(subject: str | None, before: tuple[int, str]) -> list[EventRecord]:
        with job.authority.store.reading() as tx:
            return rows.list_some(
                tx,
                tenant.id,
                subject=subject,
                **asked,
                since=since or 0,
                before=before,
                limit=PAGE_ROWS,
            )

    start = (LATEST if until is None else until, "")
    found = heapq.merge(
        *(pages(partial(page, each), _place, start) for each in written), key=_place, reverse=True
    )
    job.out.records((_describe(event) for event in found), "There is none.")


def _place(event: EventRecord) -> tuple[int, str]:
    return event.at, event.id


def _describe(event: EventRecord) -> Record:
    record = asdict(event)
    return {"at": record.pop("at"), "event_id": record.pop("id"), **record}


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(audit)
