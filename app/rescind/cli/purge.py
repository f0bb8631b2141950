"""`rescind purge`."""

from collections import Counter

import click
from rich.console import Console
from rich.progress import Progress

from rescind.cli.commands import Job, command, destructive
from rescind.domain import purging
from rescind.store.purging import STEPS


@command("purge")
@destructive
def purge(job: Job, dry_run: bool, is_sure: bool) -> None:
    """Delete what can no longer matter, in batches, beside traffic. `serve` does the same every hour."""
    due = purging.due(job.authority)
    if dry_run:
        job.out.record({"dry_run": True, "rows": due})
        return
    if due:
        job.confirm(f"Delete {due} rows?", is_sure=is_sure)
    gone: Counter[str] = Counter(dict.fromkeys(STEPS, 0))
    console = Console(stderr=True)
    with Progress(console=console, disable=job.out.as_json or not console.is_terminal) as progress:
        task = progress.add_task("purging", total=due)
        for batch in purging.purge(job.authority):
            gone[batch.table] += batch.rows
            progress.advance(task, batch.rows)
    job.out.record(dict(gone))


def add_to(cli: click.Group) -> None:
    """Add the command."""
    cli.add_command(purge)
