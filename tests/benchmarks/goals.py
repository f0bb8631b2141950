"""What the product is to reach, as a ratio to the baseline or to a peer. Told, not enforced."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.benchmarks import product
from tests.benchmarks.targets import Target


@dataclass(frozen=True)
class Goal:
    """At least so many requests of a kind, for each of another server in the same time.

    Attributes:
        other: a peer, for the same kind of request; the bare view where it is None.
    """

    kind: str
    at_least: float
    other: str | None = None


GOALS = (
    Goal("revoke", 0.30),
    Goal("revoke", 2.5, "plain-authlib"),
    Goal("revoke", 4.0, "django-oauth-toolkit"),
    Goal("revoke", 0.5, "node-oidc-provider"),
    Goal("introspect", 0.45),
    Goal("client_credentials", 0.30),
    Goal("refresh", 0.25),
)
HEADINGS = ["request", "beside", "goal", "measured", "verdict"]


def verdicts(baseline: Target, targets: Iterable[Target]) -> Iterator[list[str]]:
    """Give a row for each goal for which both were measured, the product on PostgreSQL."""
    measured = {(each.contender, each.kind.name): each for each in targets if each.store == "postgresql"}
    for goal in GOALS:
        own = measured.get((product.NAME, goal.kind))
        other = measured.get((goal.other, goal.kind)) if goal.other else baseline
        if own is None or other is None:
            continue
        ratio = own.ratio_to(other)
        verdict = "met" if ratio >= goal.at_least else "MISSED"
        yield [goal.kind, other.contender, f"≥ {goal.at_least:.2f}", f"{ratio:.2f}", verdict]
