"""How a store becomes one that Citus distributes by tenant."""

from sqlalchemy import Connection

from rescind.errors import Refused
from rescind.store import migrating
from rescind.store.altering import Altering, Tell, silent
from rescind.store.citus import IS_THERE, undurable
from rescind.store.durability import nodes
from rescind.store.engine import Store
from rescind.store.tables import Base, clients, tenants

_DONE = (
    "SELECT c.relname FROM pg_dist_partition AS p JOIN pg_class AS c ON c.oid = p.logicalrelid "
    "WHERE c.relnamespace = 'rescind'::regnamespace"
)
_REFERENCE = "SELECT create_reference_table('rescind.tenants')"
_DISTRIBUTED = "SELECT create_distributed_table('rescind.{}', 'tenant_id', colocate_with => '{}')"


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
        raise Refused(
            f"The store is not at the newest revision: run {store.command} db upgrade --finish first."
        )
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
    if not connection.exec_driver_sql(f"SELECT {IS_THERE}").scalar():
        return "The database has no Citus: install it on every machine, and CREATE EXTENSION citus."
    if not connection.exec_driver_sql("SELECT citus_is_coordinator()").scalar():
        return "This machine is not the coordinator of Citus: RESCIND_DATABASE_URL has to name that one."
    return undurable(nodes(connection))
