"""`rescind user`: the people of the built-in sign-in."""

import json
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import click

from rescind.cli.commands import Job, command, destructive, from_stdin, tenant_option
from rescind.cli.covering import confirm_end, covered
from rescind.cli.output import Record
from rescind.domain.paging import PAGE_ROWS, pages
from rescind.domain.people import users
from rescind.domain.revoking import selectors
from rescind.errors import BadValue
from rescind.protocol.strict_json import read_object
from rescind.store import users as rows
from rescind.store.people_records import UserRecord

name_argument = click.argument("username")
password_option = click.option(
    "--password", metavar="P", help='Asked for on a terminal where it is not given; "-" reads it.'
)


def detail_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add what is said of a user, which create and update share."""
    options = (
        click.option("--email", metavar="E", help="Released by the scope email."),
        click.option(
            "--email-verified/--no-email-verified",
            "is_email_verified",
            default=None,
            help="Whether it is known that the address is theirs; of a new one it is not until it is said.",
        ),
        click.option("--name", "display_name", metavar="N", help="What they are called; by profile."),
        click.option("--picture", metavar="U", help="An https URL; by profile."),
        click.option("--phone", metavar="P", help="Such as +49 30 1234567; by phone."),
        click.option(
            "--claims",
            type=click.File("rb"),
            metavar="F",
            help='Further claims: a JSON object, which takes the place of the old one; "-" reads it.',
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.group()
def user() -> None:
    """Make people who sign in, show and change them, keep them out, let them in, take them away."""


@command("create", user)
@name_argument
@tenant_option
@password_option
@detail_options
def create(job: Job, username: str, tenant_name: str, password: str | None, **options: Any) -> None:
    """Make a user; USERNAME is the subject of what they allow.

    Without a password, which is also an empty answer on a terminal, nobody signs in under the name until
    set-password.
    """
    tenant, details = job.tenant(tenant_name), _given(options)
    chosen = _password(password, "Password (empty: none yet)", may_be_empty=True)
    job.out.record(_describe(users.create(job.authority, tenant, username, chosen, **details)))


@command("update", user)
@name_argument
@tenant_option
@detail_options
def update(job: Job, username: str, tenant_name: str, **options: Any) -> None:
    """Change what is given, and leave the rest; "" takes a value away. Nothing of the user's ends.

    The username stays: it is the subject of what they allowed.
    """
    changed = users.update(job.authority, job.tenant(tenant_name), username, **_given(options))
    job.out.record(_describe(changed))


@command("list", user)
@tenant_option
def list_(job: Job, tenant_name: str) -> None:
    """List the users of a tenant by name, disabled ones too."""
    tenant = job.tenant(tenant_name)

    def page(after: str) -> list[UserRecord]:
        with job.authority.store.reading() as tx:
            return rows.list_some(tx, tenant.id, after=after, limit=PAGE_ROWS)

    found = pages(page, lambda each: each.username, "")
    brief = ("username", "has_password", "email", "name", "created_at", "disabled_at")
    described = (_describe(each) for each in found)
    job.out.records(
        described if job.out.as_json else ({name: each[name] for name in brief} for each in described),
        "This tenant has no user yet: rescind user create USERNAME --tenant T.",
    )


@command("show", user)
@name_argument
@tenant_option
def show(job: Job, username: str, tenant_name: str) -> None:
    """Show a user; not the password, of which nothing is kept but a hash."""
    job.out.record(_describe(users.get(job.authority, job.tenant(tenant_name), username)))


@command("set-password", user)
@name_argument
@tenant_option
@password_option
@destructive
def set_password(
    job: Job, username: str, tenant_name: str, password: str | None, dry_run: bool, is_sure: bool
) -> None:
    """Give a user a new password, and end every session and grant of theirs."""
    tenant = job.tenant(tenant_name)
    users.get(job.authority, tenant, username)
    if dry_run:
        job.out.record(_covered(job, tenant_name, username))
        return
    chosen = _password(password, "New password", may_be_empty=False)
    if chosen is None:
        raise click.UsageError('Without a terminal, give --password; "-" reads it from standard input.')
    question = f"Set the password of {username} and end what they have"
    confirm_end(job, selectors.Subject(tenant_name, username), question, is_sure=is_sure)
    done = users.set_password(job.authority, tenant, username, chosen, actor=job.actor)
    job.out.record({"username": username, "password_set": True, "event_id": done.event_id})


@command("disable", user)
@name_argument
@tenant_option
@destructive
def disable(job: Job, username: str, tenant_name: str, dry_run: bool, is_sure: bool) -> None:
    """End every session and grant of a user, and let them sign in no more."""
    tenant = job.tenant(tenant_name)
    users.get(job.authority, tenant, username)
    if dry_run:
        job.out.record(_covered(job, tenant_name, username))
        return
    question = f"Keep {username} out and end what they have"
    confirm_end(job, selectors.Subject(tenant_name, username), question, is_sure=is_sure)
    done = users.disable(job.authority, tenant, username, actor=job.actor)
    if not done.revoked:
        job.out.say(f"The user {username} was disabled already.")
    job.out.record({"username": username, "disabled": True, "event_id": done.event_id})


@command("enable", user)
@name_argument
@tenant_option
def enable(job: Job, username: str, tenant_name: str) -> None:
    """Let a user sign in again; nothing that was revoked comes back."""
    job.out.record(_describe(users.enable(job.authority, job.tenant(tenant_name), username)))


@command("delete", user)
@name_argument
@tenant_option
@destructive
def delete(job: Job, username: str, tenant_name: str, dry_run: bool, is_sure: bool) -> None:
    """End every session and grant of a user, and take them away."""
    tenant = job.tenant(tenant_name)
    users.get(job.authority, tenant, username)
    if dry_run:
        job.out.record(_covered(job, tenant_name, username))
        return
    question = f"Delete the user {username} and end what they have"
    confirm_end(job, selectors.Subject(tenant_name, username), question, is_sure=is_sure)
    done = users.delete(job.authority, tenant, username, actor=job.actor)
    job.out.record({"username": username, "deleted": True, "event_id": done.event_id})


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Keep the details that were given, in the form in which the domain takes them."""
    file: BinaryIO | None = options.pop("claims")
    given = {name: value for name, value in options.items() if value is not None}
    if file is None:
        return given
    try:
        return {**given, "claims": read_object(file.read())}
    except (ValueError, TypeError, RecursionError) as error:
        raise BadValue(f"The claims are no JSON object: {error}.") from None


def _password(given: str | None, question: str, *, may_be_empty: bool) -> str | None:
    """Take a password as it was given; on a terminal ask for one, twice and unseen. None: there is none."""
    if given is not None or not sys.stdin.isatty():
        return from_stdin(given)
    default = "" if may_be_empty else None
    typed: str = click.prompt(
        question,
        default=default,
        show_default=False,
        hide_input=True,
        confirmation_prompt="The same again",
        err=True,
    )
    return typed or None


def _covered(job: Job, tenant_name: str, username: str) -> Record:
    return {
        "dry_run": True,
        "username": username,
        **covered(job, selectors.Subject(tenant_name, username)),
    }


def _describe(record: UserRecord) -> Record:
    person = record.person
    return {
        "username": record.username,
        "has_password": record.password_hash is not None,
        "created_at": record.created_at,
        "disabled_at": record.disabled_at,
        "email": person.email,
        "email_verified": bool(person.is_email_verified),
        "name": person.display_name,
        "picture": person.picture,
        "phone": person.phone,
        "claims": json.loads(person.claims or "{}"),
    }


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(user)
