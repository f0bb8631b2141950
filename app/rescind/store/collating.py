"""Ids are compared byte by byte, whatever language the database was made for: `COLLATE "C"`.

All of them or none: PostgreSQL compares two columns of different collations, but by no index of either. A new
store has it so from its beginning. In one that is in use the change builds the indexes anew, while nobody can
read the tables, and what a session had prepared before is refused there (that of a host, too, who reads our
tables). So it is made when it is asked for.
"""

from rescind.store.altering import Altering

COLLATED = {
    "authorization_codes": ("grant_id", "client_id", "subject", "session_sid"),
    "client_origins": ("origin", "client_id"),
    "client_resources": ("resource", "client_id"),
    "clients": ("client_id", "likeness"),
    "deliveries": ("event_id", "client_id", "subject", "session_sid"),
    "device_codes": ("grant_id", "client_id", "subject", "session_sid"),
    "duties": ("duty",),
    "grants": ("id", "client_id", "subject", "session_sid", "offline_session_sid"),
    "personal_tokens": ("grant_id", "subject"),
    "receivers": ("client_id",),
    "revocations": ("id", "grant_id", "cause", "client_id", "subject"),
    "scope_texts": ("scope",),
    "session_clients": ("session_sid", "client_id", "subject"),
    "sessions": ("sid", "subject"),
    "signing_keys": ("kid",),
    "subjects": ("subject",),
    "tenants": ("name",),
    "tokens": ("grant_id",),
    "used_assertions": ("client_id", "jti"),
    "users": ("username",),
}
# There are many tables to lock, and whoever comes later waits behind each of them.
LOCK_MILLISECONDS = 250

_IS_LEFT = """
SELECT 1 FROM pg_attribute AS a JOIN pg_collation AS c ON c.oid = a.attcollation
WHERE a.attrelid = '{table}'::regclass AND a.attname = ANY (ARRAY[{columns}]) AND c.collname <> 'C'
"""


def is_collated(altering: Altering) -> bool:
    """Tell whether there is nothing to do."""
    return not any(_is_left(altering, table, columns) for table, columns in COLLATED.items())


def collate(altering: Altering) -> None:
    """Make the change to all tables at once.

    Raises:
        StoreUnavailable: they could not be locked. Nothing was changed.
    """
    tables = ", ".join(altering.named(table) for table in COLLATED)
    changes = [_changing(altering.named(table), columns) for table, columns in COLLATED.items()]
    altering.run(f"LOCK TABLE {tables}", *changes, lock_milliseconds=LOCK_MILLISECONDS)


def _changing(table: str, columns: tuple[str, ...]) -> str:
    return f"ALTER TABLE {table} " + ", ".join(
        f'ALTER COLUMN {column} TYPE text COLLATE "C"' for column in columns
    )


def _is_left(altering: Altering, table: str, columns: tuple[str, ...]) -> bool:
    names = ", ".join(f"'{column}'" for column in columns)
    statement = _IS_LEFT.format(table=altering.named(table), columns=names)
    return altering.connection.exec_driver_sql(statement).first() is not None
