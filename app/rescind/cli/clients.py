"""`rescind client`."""

from collections.abc import Callable
from typing import Any, BinaryIO

import click

from rescind.cli import suspending
from rescind.cli.commands import Job, command, destructive, from_stdin, tenant_option
from rescind.cli.covering import confirm_end, covered
from rescind.cli.output import Record
from rescind.cli.refresh_options import refresh_options
from rescind.domain import names
from rescind.domain.registry import clients, registration
from rescind.domain.registry.refresh_options import described
from rescind.domain.revoking import selectors
from rescind.store.records import ClientRecord

_SECRET_HELP = (
    f'{names.SHORTEST_SECRET_CHARACTERS} characters or more; "-" reads it. Made up where it is not given.'
)
# One that begins with a hyphen stands behind `--`.
id_argument = click.argument("client_id")


def metadata_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that create and update share."""
    options = (
        click.option("--name", metavar="N", help="Name that people are shown."),
        click.option(
            "--auth-method",
            type=click.Choice((*registration.AUTH_METHODS, registration.ANY)),
            help="Pin the method of authentication. With any, a confidential client may use basic or post.",
        ),
        click.option(
            "--grant-type",
            "grant_types",
            multiple=True,
            type=click.Choice((*registration.GRANT_TYPES, *registration.SHORT_GRANT_TYPES)),
            help="May be repeated. Where none was ever given: all but device_code for a confidential client, "
            "for a public one client_credentials neither.",
        ),
        click.option(
            "--redirect-uri",
            "redirect_uris",
            multiple=True,
            metavar="U",
            help="Where people are sent back to with a code, to the letter. May be repeated.",
        ),
        click.option(
            "--post-logout-redirect-uri",
            "post_logout_redirect_uris",
            multiple=True,
            metavar="U",
            help="Where they may be sent after they have signed out. May be repeated.",
        ),
        click.option(
            "--backchannel-logout-uri",
            metavar="U",
            help='Where it is told that a session ended; "" for none.',
        ),
        click.option(
            "--backchannel-logout-session-required/--no-backchannel-logout-session-required",
            default=None,
            help="It tells sessions apart: of one that ended it gets the sid alone, else the sub as well.",
        ),
        click.option("--scope", metavar='"A B"', help="What it may have, and has where it asks for none."),
        click.option(
            "--jwks-file",
            type=click.File("rb"),
            metavar="F",
            help="Its public keys, in the place of a secret: a JWK set, one JWK, or PEM.",
        ),
        click.option(
            "--allowed-origin",
            "allowed_origins",
            multiple=True,
            metavar="O",
            help="Whose pages may call the endpoints from a browser (CORS), as https://app.example. May be "
            "repeated.",
        ),
        click.option(
            "--logo-url", metavar="U", help="Logo that people are shown: an https URL, or a data: one."
        ),
        click.option("--home-url", metavar="U", help="Home page of the app, an https URL."),
        click.option(
            "--revocation-scope",
            type=click.Choice(registration.REVOCATION_SCOPES),
            help="What ends with a revoked access token: its grant (the default), or it alone.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.group()
def client() -> None:
    """Register clients, change them, stop them for a while, take them away."""


resource_option = click.option(
    "--resource",
    "resources",
    multiple=True,
    metavar="URI",
    help="What the resource server answers for: it sees only tokens that are meant for it. May be repeated.",
)


@command("create", client)
@tenant_option
@click.option("--client-id", metavar="ID", help="Printable ASCII. Made up where it is not given.")
@click.option("--public", "is_public", is_flag=True, help="A client that can keep no secret.")
@click.option("--secret", metavar="S", help=_SECRET_HELP)
@click.option(
    "--resource-server", "is_resource_server", is_flag=True, help="May ask about every access token."
)
@resource_option
@metadata_options
@refresh_options
def create(
    job: Job, tenant_name: str, client_id: str | None, is_public: bool, secret: str | None, **options: Any
) -> None:
    """Register a client. A secret is shown this once."""
    given = _given(options)
    registered = clients.create(
        job.authority,
        job.tenant(tenant_name),
        client_id=client_id,
        is_public=is_public,
        secret=from_stdin(secret),
        **given,
    )
    _show_registered(job, registered, is_given=secret is not None)
    _note_what_lacks(job, registered.client, given)


@command("list", client)
@tenant_option
def list_(job: Job, tenant_name: str) -> None:
    """List the clients of a tenant."""
    known = clients.list_all(job.authority, job.tenant(tenant_name))
    brief = (
        "client_id",
        "name",
        "public",
        "grant_types",
        "scope",
        "resource_server",
        "unverified",
        "disabled_at",
    )
    if job.out.as_json:
        job.out.records((_describe(each) for each in known), "")
        return
    briefly = ({name: whole[name] for name in brief} for whole in map(_describe, known))
    job.out.records(briefly, "This tenant has no client yet: rescind client create --tenant T.")


@command("show", client)
@tenant_option
@id_argument
def show(job: Job, tenant_name: str, client_id: str) -> None:
    """Show all that is known of a client; its secret is not."""
    found = clients.get(job.authority, job.tenant(tenant_name), client_id)
    job.out.record(_describe(found))
    _note_what_is_unused(job, found)


@command("update", client)
@tenant_option
@id_argument
@click.option(
    "--resource-server/--no-resource-server",
    "is_resource_server",
    default=None,
    help="Whether it may ask about every access token.",
)
@resource_option
@metadata_options
@refresh_options
def update(job: Job, tenant_name: str, client_id: str, **options: Any) -> None:
    """Change what is given, and leave the rest.

    A list that is given replaces the old one; "" empties it, and takes a name or an address away.
    """
    given = _given(options)
    changed = clients.update(job.authority, job.tenant(tenant_name), client_id, **given)
    job.out.record(_describe(changed))
    _note_what_lacks(job, changed, given)
    _note_what_is_unused(job, changed)


@command("rotate-secret", client)
@tenant_option
@id_argument
@click.option("--secret", metavar="S", help=_SECRET_HELP)
@destructive
def rotate_secret(
    job: Job, tenant_name: str, client_id: str, secret: str | None, dry_run: bool, is_sure: bool
) -> None:
    """Give a client a new secret, shown this once. The old one is refused at once."""
    tenant = job.tenant(tenant_name)
    present = clients.get(job.authority, tenant, client_id)
    if dry_run:
        has_secret = present.secret_digest is not None
        job.out.record({"dry_run": True, "client_id": client_id, "has_secret": has_secret})
        return
    is_given, secret = secret is not None, from_stdin(secret)
    job.confirm(f"Refuse the present secret of {client_id} from now on?", is_sure=is_sure)
    _show_registered(job, clients.rotate_secret(job.authority, tenant, client_id, secret), is_given=is_given)


@command("delete", client)
@tenant_option
@id_argument
@destructive
def delete(job: Job, tenant_name: str, client_id: str, dry_run: bool, is_sure: bool) -> None:
    """Revoke everything of a client and take it away."""
    tenant, selector = job.tenant(tenant_name), selectors.Client(tenant_name, client_id)
    clients.get(job.authority, tenant, client_id)
    if dry_run:
        job.out.record({"dry_run": True, "client_id": client_id, **covered(job, selector)})
        return
    confirm_end(job, selector, f"Delete the client {client_id} of the tenant {tenant_name}", is_sure=is_sure)
    done = clients.delete(job.authority, tenant, client_id, actor=job.actor)
    job.out.record({"client_id": client_id, "deleted": True, "event_id": done.event_id})


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Keep the options that were given, in the form in which the domain takes them."""
    file: BinaryIO | None = options.pop("jwks_file")
    given = {name: value for name, value in options.items() if value not in (None, ())}
    return given | ({"jwks": file.read()} if file else {})


def _show_registered(job: Job, registered: clients.Registered, *, is_given: bool) -> None:
    """Show the secret that was made; one that was given is known where it came from, and stays there."""
    record: Record = {"client_id": registered.client.client_id}
    if registered.client_secret is not None and not is_given:
        record["client_secret"] = registered.client_secret
        job.out.say("The secret is not kept and can't be shown again.")
    job.out.record(record)


def _note_what_lacks(job: Job, client: ClientRecord, given: dict[str, Any]) -> None:
    """Say if a client is to have codes and can't: where that was asked for, or it has no other way."""
    is_asked_for = "authorization_code" in given.get("grant_types", ())
    others = {"client_credentials", registration.DEVICE_CODE}
    is_only_way = bool(client.grant_types) and others.isdisjoint(client.grant_types)
    if (is_asked_for or is_only_way) and not client.redirect_uris:
        job.out.say(
            f"The client {client.client_id} can get no code until it has a --redirect-uri; "
            "rescind token issue needs none."
        )


def _note_what_is_unused(job: Job, client: ClientRecord) -> None:
    for uri in clients.unusable(job.authority, client):
        job.out.say(f"Nobody is sent to {uri}: what it is, is no longer allowed. Register another.")


def _describe(record: ClientRecord) -> Record:
    return {
        "client_id": record.client_id,
        "name": record.name,
        "public": record.is_public,
        "auth_method": record.auth_method,
        "grant_types": list(record.grant_types),
        "redirect_uris": list(record.redirect_uris),
        "post_logout_redirect_uris": list(record.post_logout_redirect_uris),
        "backchannel_logout_uri": record.backchannel_logout_uri,
        "backchannel_logout_session_required": bool(record.backchannel_logout_session_required),
        "allowed_origins": list(record.allowed_origins),
        "scope": " ".join(record.scope),
        "revocation_scope": record.revocation_scope,
        "resource_server": record.is_resource_server,
        "resources": list(record.resources or ()),
        "has_keys": record.jwks is not None,
        **described(record.refresh_grace_seconds, record.on_reuse, record.is_rotating),
        "unverified": registration.is_unverified(record),
        "logo_url": record.logo_url,
        "home_url": record.home_url,
        "created_at": record.created_at,
        "disabled_at": record.disabled_at,
    }


def add_to(cli: click.Group) -> None:
    """Add the group."""
    suspending.add_to(client)
    cli.add_command(client)
