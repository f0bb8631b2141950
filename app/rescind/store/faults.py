"""What goes wrong at a database, and what is done about it."""

from typing import Any

from sqlalchemy.exc import SQLAlchemyError

# PostgreSQL has undone a transaction for the sake of another, and asks for it once more.
_TO_BE_REPEATED = {"40001", "40P01"}
# A plan that the server has kept no longer fits the tables, which were migrated since: nothing was run.
_OF_STALE_PLANS = {"0A000", "26000"}


def describe(error: BaseException) -> str:
    """Name a fault by its class and code: its text may hold values."""
    fault = getattr(error, "orig", None) or error
    code = code_of(error) or getattr(fault, "sqlite_errorname", None)
    return f"{type(fault).__name__} {code or 'without a code'}"


def code_of(error: BaseException) -> str | None:
    """Give the SQLSTATE of a fault, where it has one."""
    code: str | None = getattr(getattr(error, "orig", None) or error, "sqlstate", None)
    return code


def is_to_be_repeated(error: BaseException) -> bool:
    """Tell whether nothing was changed, and the same unit of work would go well the next time."""
    return code_of(error) in _TO_BE_REPEATED | _OF_STALE_PLANS


def kinds(driver: Any) -> tuple[type[Exception], ...]:
    """Give the classes of all faults that a driver, or the pool above it, raises."""
    return (SQLAlchemyError, driver.Error)
