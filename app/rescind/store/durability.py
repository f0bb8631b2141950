"""Whether commits are durable on every node of a store that Citus distributes."""

from sqlalchemy import Connection

from rescind.errors import StoreUnavailable
from rescind.store.citus import IS_DISTRIBUTED, IS_THERE, NODES, undurable
from rescind.store.engine import Store


def is_distributed(connection: Connection) -> bool:
    """Tell of a store on PostgreSQL whether Citus distributes it."""
    is_citus = connection.exec_driver_sql(f"SELECT {IS_THERE}").scalar()
    return bool(is_citus and connection.exec_driver_sql(IS_DISTRIBUTED).scalar())


def check(store: Store) -> None:
    """Look, where the store is distributed, whether commits are durable on every node.

    Raises:
        StoreUnavailable: they are not on one, or it can't be asked.
    """
    if store.is_sqlite:
        return
    with store.opened() as connection:
        problem = undurable(nodes(connection)) if is_distributed(connection) else None
    if problem is not None:
        raise StoreUnavailable(problem, "a node of Citus")


def nodes(connection: Connection) -> list[tuple[int, bool, str]]:
    """Ask each node of Citus whether its commits are durable."""
    return [(node, is_answered, result) for node, is_answered, result in connection.exec_driver_sql(NODES)]
