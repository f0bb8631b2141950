"""A store that Citus distributes by tenant: how it becomes one, and what is different there.

Each statement of a request has one constant tenant, so the coordinator sends it to the machine that has the
rows of this tenant. What a session has SET stays on the coordinator, though. So each node has to be durable
by its own settings, a writing unit hands its SET LOCAL on, and to wait for the standby is to write where the
tenant is.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from rescind.errors import Refused, StoreUnavailable
from rescind.store import migrating
from rescind.store.activity import TENANT_ID
from rescind.store.altering import Altering, Tell, silent
from rescind.store.engine import Store
from rescind.store.statements import plain
from rescind.store.tables import Base, clients, tenants

# In a writing unit, before what else it sets for itself.
PROPAGATE = "SET LOCAL citus.propagate_set_commands = 'local'"
IS_CITUS = "SELECT to_regclass('pg_dist_partition') IS NOT NULL"
IS_DISTRIBUTED = (
    "SELECT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'rescind.clients'::regclass)"
)
NODES = (
    "SELECT nodeid, success, result FROM run_command_on_all_nodes("
    "$$SELECT current_setting('synchronous_commit') || ' ' || current_setting('fsync')$$)"
)
# Locks a row of the tenant's as lightly as can be: that is a record in the log of its machine, for which the
# commit waits, and it keeps nobody else waiting.
CONFIRM = plain(
    select(clients.c.client_id)
    .where(clients.c.tenant_id == TENANT_ID)
    .limit(1)
    .with_for_update(read=True, key_share=True)
)

_DONE = (
    "SELECT c.relname FROM pg_dist_partition AS p JOIN pg_class AS c ON c.oid = p.logicalrelid "
    "WHERE c.relnamespace = 'rescind'::regnamespace"
)
_REFERENCE = "SELECT create_reference_table('rescind.tenants')"
_DISTRIBUTED = "SELECT create_distributed_table('rescind.{}', 'tenant_id', colocate_with => '{}')"


def is_distributed(connection: Connection) -> bool:
    """Tell of a store on PostgreSQL whether Citus distributes it."""
    is_citus = connection.exec_driver_sql(IS_CITUS).scalar()
    return bool(is_citus and connection.exec_driver_sql(IS_DISTRIBUTED).scalar())


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


def check(store: Store) -> None:
    """Look, where the store is distributed, whether commits are durable on every node.

    Raises:
        StoreUnavailable: they are not on one, or it can't be asked.
    """
    if store.is_sqlite:
        return
    with store.opened() as connection:
        problem = undurable(_nodes(connection)) if is_distributed(connection) else None
    if problem is not None:
        raise StoreUnavailable(problem, "a node of Citus")


def distribute(store: Store, *, tell: Tell = silent) -> list[str]:
    """Make the tenants a reference table, and distribute the others by tenant, all beside each other.

    Twice does no harm. A table that has rows is locked while they are moved.

    Returns:
        The tables for which this call did it.

    Raises:
        Refused: it is no Citus, not its coordinator, a node is not durable, or an upgrade is not finished;
            the text says which.
        StoreUnavailable: what was done stays, and the same call goes on with it.
    """
    if store.is_sqlite:
        raise Refused("Only PostgreSQL can be distributed, with the extension Citus; this is SQLite.")
    if migrating.state(migrating.current(store)) != "settled":
        raise Refused("The store is not at the newest revision: run rescind db upgrade --finish first.")
    with migrating.unhurried(store) as patient, migrating.changing(patient, tell) as altering:
        return _distribute(altering, tell)


def _distribute(altering: Altering, tell: Tell) -> list[str]:
    connection = altering.connection
    problem = _problem(connection)
    if problem is not None:
        raise Refused(problem)
    done = {str(name) for (name,) in connection.exec_driver_sql(_DONE)}
    others = [table.name for table in Base.metadata.sorted_tables if table not in (tenants, clients)]
    wanted = {tenants.name: _REFERENCE, clients.name: _DISTRIBUTED.format(clients.name, "none")}
    wanted |= {name: _DISTRIBUTED.format(name, "rescind.clients") for name in others}
    made = []
    for name, statement in wanted.items():
        if name not in done:
            tell(f"Distributing {name}.")
            connection.exec_driver_sql(statement)
            made.append(name)
    return made


def _problem(connection: Connection) -> str | None:
    if not connection.exec_driver_sql(IS_CITUS).scalar():
        return "The database has no Citus: install it on every machine, and CREATE EXTENSION citus."
    if not connection.exec_driver_sql("SELECT citus_is_coordinator()").scalar():
        return "This machine is not the coordinator of Citus: RESCIND_DATABASE_URL has to name that one."
    return undurable(_nodes(connection))


def _nodes(connection: Connection) -> list[tuple[int, bool, str]]:
    return [(node, is_answered, result) for node, is_answered, result in connection.exec_driver_sql(NODES)]
