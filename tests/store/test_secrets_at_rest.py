"""Nothing worth stealing at rest: no token, code, cookie or secret can be read out of the store."""

import base64
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rescind.domain.people import sessions
from rescind.domain.secrets import digest
from tests.protocol.registering import Registered, initial_token, open_to, register
from tests.servers import Client, Server, Tenant


def files(url: str) -> bytes:
    """Read the SQLite file, its write-ahead log, and whatever else lies beside it.

    In another process: one that closes a file gives up the locks that its SQLite holds on it.
    """
    folder = Path(url.removeprefix("sqlite:///")).parent
    paths = [str(path) for path in folder.iterdir() if path.is_file()]
    return subprocess.run(["cat", *paths], capture_output=True, check=True).stdout


def dump(url: str) -> bytes:
    """Write out every column of every table of a PostgreSQL database; bytes come as hexadecimal digits."""
    with psycopg.connect(url) as connection:
        listing = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('rescind', 'public')"
        tables = connection.execute(listing).fetchall()
        rows = [
            str(row[0])
            for schema, table in tables
            for row in connection.execute(f"SELECT t::text FROM {schema}.{table} AS t")
        ]
    return "\n".join(rows).encode()


READ: dict[str, Callable[[str], bytes]] = {"sqlite": files, "postgresql": dump}


def spellings(secret: str) -> list[bytes]:
    """Spell a secret in every way in which it might lie there: as it is, its random part, and encoded."""
    whole = secret.encode()
    # A cookie has no prefix, and may have an underscore anywhere.
    part = re.sub(rb"^r[a-z]{2}_", b"", whole)[:30]
    return [whole, part, whole.hex().encode(), part.hex().encode(), base64.b64encode(whole)]


@pytest.mark.requirement("STO-03")
def test_no_secret_that_was_handed_out_is_in_the_store(
    server: Server, tenant: Tenant, client: Client, store_url: str
) -> None:
    issued = client.issue()
    refreshed = client.refresh(issued.refresh_token or "").json()
    code = client.mint_code()
    exchanged = client.exchange(code).json()
    chosen = tenant.new_client(secret="chosen-by-an-operator-0123456789abcdef")
    authority = server.authority
    _, cookie = sessions.open_session(authority, tenant.record, "alice", subject_epoch=0, lifetime_seconds=60)
    access_token = client.access_token()
    client.revoke(access_token)
    initial = initial_token(open_to(tenant, "token"))
    registered = Registered(tenant, register(tenant, token=initial).json()).told
    secrets = [
        *[initial, registered["registration_access_token"], registered["client_secret"]],
        *[access_token, issued.access_token, issued.refresh_token, code, cookie],
        *[refreshed["access_token"], refreshed["refresh_token"]],
        *[exchanged["access_token"], exchanged["refresh_token"]],
        *[client.secret, chosen.secret, client.basic.removeprefix("Basic ")],
        *authority.settings.secret_key,
    ]

    kept = READ[authority.store.engine.dialect.name](store_url)

    assert [secret for secret in secrets if any(each in kept for each in spellings(str(secret)))] == []
    # What may be there is found, so the search is one.
    assert client.client_id.encode() in kept
    assert digest(access_token) in kept or digest(access_token).hex().encode() in kept
