"""What is different on a store that Citus distributes by tenant.

Each statement of a request has one constant tenant, so the coordinator sends it to the machine that has the
rows of this tenant. What a session has SET stays on the coordinator, though. So each node has to be durable
by its own settings, a writing unit hands its SET LOCAL on, and to wait for the standby is to write where the
tenant is.
"""

from collections.abc import Mapping, Sequence

# In a writing unit, before what else it sets for itself.
PROPAGATE = "SET LOCAL citus.propagate_set_commands = 'local'"
IS_THERE = "to_regclass('pg_dist_partition') IS NOT NULL"
IS_DISTRIBUTED = (
    "SELECT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'rescind.clients'::regclass)"
)
NODES = (
    "SELECT nodeid, success, result FROM run_command_on_all_nodes("
    "$$SELECT current_setting('synchronous_commit') || ' ' || current_setting('fsync')$$)"
)


def undurable(nodes: Sequence[tuple[int, bool, str]]) -> str | None:
    """Say in a sentence on which node an acknowledged revocation could be lost; None where on none.

    Args:
        nodes: what `NODES` gave.
    """
    for node, is_answered, result in nodes:
        if not is_answered:
            return f"The node {node} of Citus can't be asked whether its commits are durable."
        synchronous_commit, fsync = result.split()
        if synchronous_commit == "off":
            return f"synchronous_commit is off on the node {node} of Citus: set it to on there."
        if fsync == "off":
            return f"fsync is off on the node {node} of Citus: set it to on there."
    return None


def unit(asked: Mapping[str, str], answer: str) -> str:
    """Give how a writing unit begins; its last row is the answer.

    Args:
        asked: the settings of its transaction, on every machine that it reaches.
        answer: what is selected then.
    """
    # By SET alone: what set_config() sets is not handed on.
    said = [f"SET LOCAL {name} = '{value}'" for name, value in {"synchronous_commit": "on", **asked}.items()]
    return "; ".join(["BEGIN", PROPAGATE, *said, f"SELECT {answer}"])
