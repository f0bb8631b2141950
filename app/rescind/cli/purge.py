"""`rescind purge`."""

from collections import Counter

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from rescind.cli.commands import Job, command, destructive
from rescind.domain import purging
from rescind.domain.readiness import not_finished
from rescind.store.purging import STEPS


@command("purge")
@destructive
def purge(job: Job, dry_run: bool, is_sure: bool) -> None:
    """Delete what can no longer matter, in batches, beside traffic. `serve` does the same every hour."""
    authority = job.authority
    if not authority.store.is_settled:
        job.out.say(f"{not_finished(authority)} Until then nothing is purged.")
    if dry_run:
        rows, is_all = purging.count_due(authority)
        job.out.record({"dry_run": True, "rows": rows, "is_all": is_all})
        return
    job.confirm("Delete what can no longer matter?", is_sure=is_sure)
    gone: Counter[str] = Counter(dict.fromkeys(STEPS, 0))
    console = Console(stderr=True)
    shown = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*shown, console=console, disable=job.out.as_json or not console.is_terminal) as progress:
        # How much there is to do is not known: to count it would take longer than to do it.
        task = progress.add_task("purging", total=None)
        for batch in purging.purge(authority):
            gone[batch.table] += batch.rows
            progress.update(task, description=_told(gone))
    job.out.record(dict(gone))


def _told(gone: Counter[str]) -> str:
    return ", ".join(f"{rows:,} {table}" for table, rows in gone.items() if rows)


def add_to(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(purge)
