"""What a command would end, counted: for `--dry-run`, and for the question before it does."""

from rescind.cli.commands import Job
from rescind.cli.output import Record
from rescind.domain.revoking import presence
from rescind.domain.revoking.selectors import Selector
from rescind.errors import StoreUnavailable

# Whoever is asked waits for the number.
MOST_ASKED = 10_000


def covered(job: Job, selector: Selector) -> Record:
    """Tell how many active grants a revocation would end, and whether these are all."""
    count, is_all = presence.count_covered(job.authority, selector)
    return {"active_grants": count, "is_all": is_all}


def confirm_end(job: Job, selector: Selector, question: str, *, is_sure: bool) -> None:
    """Ask, where that is asked, before all that a selector names ends, and say how much that is.

    Args:
        question: without how much and the question mark, as in "Close the tenant bifrost".
    """
    if job.asks(is_sure=is_sure):
        job.confirm(f"{question}, with {_amount(job, selector)}?", is_sure=is_sure)


def _amount(job: Job, selector: Selector) -> str:
    try:
        counted = [
            (*presence.count_covered(job.authority, selector, most=MOST_ASKED), "active grant"),
            (*presence.count_sessions(job.authority, selector, most=MOST_ASKED), "session"),
        ]
    except StoreUnavailable:
        # To know it is no reason not to revoke.
        return "nobody knows how many grants"
    return " and ".join(_told(*each) for each in counted)


def _told(count: int, is_all: bool, what: str) -> str:
    number = f"{count:,}" if is_all else f"more than {count:,}"
    return f"{number} {what}{'' if count == 1 else 's'}"
