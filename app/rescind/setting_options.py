"""What an option of the settings is declared with."""

from collections.abc import Callable
from dataclasses import Field, dataclass, field
from typing import Any, TypeVar

from rescind import setting_values as values

__all__ = ["Option", "about", "option"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What is known of an option besides its name and default. `rule` completes "… must be"."""

    parse: Callable[[object], Any]
    rule: str
    says: str
    unit: str
    bounds: str
    shown: str


def option(
    default: T,
    *,
    says: str,
    minimum: int = 0,
    maximum: int = 0,
    unit: str = "",
    parse: Callable[[object], T] | None = None,
    rule: str = "",
    shown: str = "",
    secret: bool = False,
) -> T:
    """Declare an option.

    Args:
        default: used where neither the environment nor the Flask configuration has the key.
        says: what it does, for the table.
        minimum: the least whole number, for an option without `parse`.
        maximum: the greatest one.
        unit: what the number counts.
        parse: from the given value to the one that is kept; ValueError or TypeError where that can't be.
        rule: what a right value is, to complete "… must be".
        shown: the default as the table has it, where it is not simply the value.
        secret: keeps the value out of the `repr`.
    """
    about = Option(
        parse=parse or values.whole_number(minimum, maximum),
        rule=rule or f"a whole number of {unit} from {minimum} to {maximum}",
        says=says,
        unit=unit,
        bounds="" if parse else f"{minimum} to {maximum}",
        shown=shown or f"`{default}`",
    )
    return field(default=default, repr=not secret, metadata={"option": about})


def about(declared: Field[Any]) -> Option:
    """Give what was declared of an option, by the field of the class that has it."""
    told: Option = declared.metadata["option"]
    return told
