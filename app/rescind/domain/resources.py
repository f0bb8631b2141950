"""Resources: what tokens are meant for (RFC 8707), and when two spellings of one name the same.

What was asked for is kept and said again as it was written, and compared in canonical form.
"""

from collections.abc import Collection, Iterable

from rescind.canonical_resources import MALFORMED, canonical_or_none
from rescind.errors import TargetRefused
from rescind.store.records import TenantRecord
from rescind.store.resources import MOST_ASKED


def possible(values: Iterable[str]) -> tuple[str, ...]:
    """Give those values in canonical form that can be resources, as many as may be asked for at once."""
    return tuple(dict.fromkeys(found for value in values if (found := canonical_or_none(value))))[:MOST_ASKED]


def among(
    asked: Collection[str],
    known: Collection[str],
    refusal: str = "No resource server of this tenant answers for the resource that is asked for.",
) -> tuple[str, ...]:
    """Check what is asked for, and give each once, as it was written first.

    Args:
        known: in canonical form, what may be asked for.

    Raises:
        TargetRefused: one is no resource, or not known; or they are more than `MOST_ASKED`.
    """
    if len(asked) > MOST_ASKED:
        raise TargetRefused(f"At most {MOST_ASKED} resources can be asked for at once.")
    found: dict[str, str] = {}
    for value in asked:
        form = canonical_or_none(value)
        if form is None:
            raise TargetRefused(MALFORMED)
        found.setdefault(form, value)
    if not found.keys() <= set(known):
        raise TargetRefused(refusal)
    return tuple(found.values())


def narrowed(asked: Collection[str], granted: Iterable[str]) -> tuple[str, ...] | None:
    """Give what a token is meant for of what was granted; None where that is all of it, as it was written.

    Raises:
        TargetRefused: it is more (RFC 8707 section 2.2), or malformed.
    """
    given = tuple(granted)
    refusal = "The resource is none of those that were granted."
    audience = among(asked, possible(given), refusal) or given
    return None if audience == given else audience


def or_default(audience: tuple[str, ...], tenant: TenantRecord) -> tuple[str, ...]:
    """Give what a token is meant for: what was asked for or, where that is nothing, the tenant's default."""
    return audience or ((tenant.default_resource,) if tenant.default_resource else ())


def is_meant_for(audience: Iterable[str], resources: Iterable[str]) -> bool:
    """Tell whether an audience names one of the resources, which are in canonical form."""
    return not set(possible(audience)).isdisjoint(resources)


def covers(given: Collection[str], asked: Collection[str]) -> bool:
    """Tell whether what was given for an audience is enough for another.

    What names no resource is good at other places than what names one, so neither covers the other.
    """
    return bool(given) == bool(asked) and set(possible(asked)) <= set(possible(given))
