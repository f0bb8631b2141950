"""Every option once: its default, range, unit and meaning. The table of the manual is made from here.

An option is an environment variable `RESCIND_<NAME>` and a key of the Flask configuration with the same
name, which wins.
"""

import difflib
import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from typing import Any

from rescind import setting_values as values
from rescind.errors import SettingsError
from rescind.service_links import is_service_link
from rescind.setting_options import about, option

__all__ = ["Settings", "settings_table"]

PREFIX = "RESCIND_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All options of one server, checked: an object of this class that exists can be served with.

    Raises:
        SettingsError: a value is not what its option asks for, or this is production without https or
            without a secret key. No value is repeated in the text: it may hold a password.
    """

    database_url: str | None = option(
        None,
        parse=values.database_url,
        rule=(
            "the URL of a PostgreSQL database (postgresql://user:password@host/name) "
            "or of a SQLite file (sqlite:////path/of/file), and not of a database in memory"
        ),
        shown="`rescind.sqlite3` in the instance folder",
        says=(
            "Where everything is stored: `postgresql://…` or `sqlite:///…`. "
            "A relative path of a SQLite file starts from the instance folder."
        ),
        secret=True,
    )
    database_pooler: str = option(
        "none",
        parse=values.one_of(values.POOLERS),
        rule=f"one of {', '.join(values.POOLERS)}",
        says=(
            "Whether a pooler in front of PostgreSQL hands its sessions out by the transaction, "
            "as PgBouncer does with `pool_mode=transaction`; then nothing is left in a session or prepared."
        ),
    )
    lease_seconds: int = option(
        2,
        minimum=1,
        maximum=4,
        unit="seconds",
        says=(
            "Where PostgreSQL waits for a standby: how long what was read is believed "
            "after the start of a write that was confirmed. The same on all hosts."
        ),
    )
    public_url: str = option(
        "http://127.0.0.1:8000",
        parse=values.public_url,
        rule=(
            "an absolute URL such as https://auth.example.com: http or https, the host in lower case, "
            "no user, no query, no fragment and no slash at the end"
        ),
        says=(
            "How clients reach the server; every issuer begins with it. "
            "A host that is not loopback means production: https and a secret key are required."
        ),
    )
    secret_key: tuple[str, ...] = option(
        (),
        parse=values.secret_keys,
        rule=(
            f"one or more keys of {values.SHORTEST_KEY} or more printable characters each, "
            "the one that makes first, with commas between"
        ),
        shown="made in development",
        says=(
            "What hashes of client secrets, successors of refresh tokens and the encryption of signing keys "
            "are derived from. "
            f"Each key has {values.SHORTEST_KEY} characters or more. "
            "Of several, with commas between or, in Flask, in a list, the first makes and all of them check."
        ),
        secret=True,
    )
    instance_path: str = option(
        "instance",
        parse=values.folder,
        rule="the path of a folder",
        shown="the instance folder of Flask",
        says="Folder of the SQLite file and of the secret key that development makes.",
    )
    tenant: str | None = option(
        None,
        parse=values.tenant,
        rule="the name of a tenant",
        shown="none",
        says="Tenant of a command that is given no `--tenant`. The server does not look at it.",
    )
    access_token_seconds: int = option(
        600, minimum=1, maximum=86_400, unit="seconds", says="Lifetime of an access token."
    )
    id_token_seconds: int = option(
        600,
        minimum=60,
        maximum=86_400,
        unit="seconds",
        says="Lifetime of an ID token. A signing key that was replaced stays published for as long.",
    )
    authorization_code_seconds: int = option(
        60, minimum=1, maximum=600, unit="seconds", says="Lifetime of an authorization code."
    )
    refresh_token_seconds: int = option(
        2_592_000,
        minimum=60,
        maximum=31_536_000,
        unit="seconds",
        says="Lifetime of a grant and so of all its refresh tokens; a rotation does not prolong it.",
    )
    refresh_grace_seconds: int = option(
        10,
        minimum=0,
        maximum=60,
        unit="seconds",
        says=(
            "How long a rotated refresh token that comes again gets the same successors, "
            "while its grant is live and the new refresh token was not used. "
            "With 0 every repetition ends the grant. "
            "A client or a tenant can have its own (`--refresh-grace`)."
        ),
    )
    session_seconds: int = option(
        28_800,
        minimum=60,
        maximum=31_536_000,
        unit="seconds",
        says="Lifetime of a session, from the last sign-in on; nothing else prolongs it.",
    )
    sign_in_attempts: int = option(
        10,
        minimum=1,
        maximum=1_000,
        unit="attempts",
        says="How often a sign-in may fail in a window for one username before more are refused.",
    )
    sign_in_attempts_per_address: int = option(
        50,
        minimum=1,
        maximum=1_000_000,
        unit="attempts",
        says="The same from one address (of IPv6, one /64), whatever the usernames.",
    )
    sign_in_window_seconds: int = option(
        900,
        minimum=1,
        maximum=86_400,
        unit="seconds",
        says="How long failed sign-ins are counted together, from the first on.",
    )
    trusted_proxies: int = option(
        0,
        minimum=0,
        maximum=10,
        unit="proxies",
        says=(
            "How many proxies in front of the stand-alone server add to `X-Forwarded-For`. "
            "Only failed sign-ins and client authentications are counted by that address; "
            "with 0 it is that of the connection."
        ),
    )
    metadata_hosts: tuple[str, ...] = option(
        (),
        parse=values.hosts,
        rule="hosts in lower case, each with its port where that is not 443, with commas between",
        shown="none",
        says=(
            "Hosts of client id metadata documents that may have private addresses, "
            "as `host` or `host:port`, with commas between."
        ),
    )
    audit_days: int = option(
        365,
        minimum=1,
        maximum=3_650,
        unit="days",
        says="How long a record of a revocation is kept before it may be purged.",
    )
    registered_client_days: int = option(
        30,
        minimum=1,
        maximum=3_650,
        unit="days",
        says="How long a client that came by itself is kept without a live grant.",
    )
    log_level: str = option(
        "info",
        parse=values.one_of(values.LOG_LEVELS),
        rule=f"one of {', '.join(values.LOG_LEVELS)}",
        says="What the stand-alone server logs. With `info` there is a line for each request.",
    )
    pool_size: int = option(
        8,
        minimum=1,
        maximum=200,
        unit="connections",
        says="Connections to the database that a process keeps; as many as it has threads.",
    )

    def __post_init__(self) -> None:
        for key, declared in _declared().items():
            known = about(declared)
            try:
                value = known.parse(getattr(self, declared.name))
            except (TypeError, ValueError):
                raise SettingsError(f"{key} must be {known.rule}.") from None
            object.__setattr__(self, declared.name, value)
        if self.is_production and not self.public_url.startswith("https:"):
            raise SettingsError(
                f"{PREFIX}PUBLIC_URL must begin with https:// since its host is not loopback."
            )
        if self.is_production and not self.secret_key:
            raise SettingsError(
                f"{PREFIX}SECRET_KEY must be set since the host of {PREFIX}PUBLIC_URL is not loopback: "
                f"{about(_declared()[f'{PREFIX}SECRET_KEY']).rule}."
            )

    @classmethod
    def load(
        cls, environ: Mapping[str, str], config: Mapping[str, object] = {}, *, instance_path: str
    ) -> "Settings":
        """Read the options from the environment and from a Flask configuration, which wins.

        Args:
            environ: `os.environ`; keys without the prefix are not looked at, here and in `config`.
            config: `app.config`, whose values may be of the option's type or strings.
            instance_path: the instance folder where no option names another.

        Raises:
            SettingsError: a key is unknown, or a value is not what its option asks for.
        """
        declared = _declared()
        found: dict[str, Any] = {"instance_path": instance_path}
        for key, value in (*environ.items(), *config.items()):
            if not key.startswith(PREFIX) or (key not in declared and is_service_link(key, environ)):
                continue
            if key not in declared:
                raise SettingsError(f"{key} is no setting of Rescind; {_hint(key)}")
            found[declared[key].name] = value
        return cls(**found)

    @property
    def is_production(self) -> bool:
        """Whether others than this machine are meant to reach the server."""
        return not values.is_loopback(self.public_url)

    @property
    def is_secret_key_set(self) -> bool:
        """Whether the secret key was set, and not made up in development for want of one."""
        return bool(self.secret_key)

    @property
    def resolved_database_url(self) -> str:
        """The URL of the database for SQLAlchemy, with the driver and, for SQLite, with the full path."""
        if self.database_url is None:
            return values.sqlite_url(os.path.join(self.instance_path, "rescind.sqlite3"))
        return values.resolve_database_url(self.database_url, self.instance_path)

    def issuer(self, tenant: str) -> str:
        """Name the issuer of the tenant (RFC 8414 section 2)."""
        return f"{self.public_url}/t/{tenant}/oauth2/token"


def settings_table() -> str:
    """Make the Markdown table of all options, for the manual."""
    lines = ["| name | default | unit | range | meaning |", "| --- | --- | --- | --- | --- |"]
    for key, declared in _declared().items():
        told = about(declared)
        lines.append(f"| `{key}` | {told.shown} | {told.unit} | {told.bounds} | {told.says} |")
    return "\n".join(lines)


def _hint(key: str) -> str:
    # Without the prefix, which alone makes any two keys look alike.
    names = [known.removeprefix(PREFIX) for known in _declared()]
    near = difflib.get_close_matches(key.removeprefix(PREFIX), names, n=1)
    return f"did you mean {PREFIX}{near[0]}?" if near else f"there are {', '.join(_declared())}."


def _declared() -> dict[str, Field[Any]]:
    return {PREFIX + declared.name.upper(): declared for declared in fields(Settings)}
