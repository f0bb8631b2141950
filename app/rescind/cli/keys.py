"""`rescind keys`."""

from dataclasses import asdict

import click

from rescind.cli.commands import Job, command, tenant_option
from rescind.cli.output import Record
from rescind.domain.registry import keys, rekeying, secret_keys
from rescind.domain.registry.rekeying import Rekeyed
from rescind.errors import Refused
from rescind.store.key_records import SigningKeyRecord


@click.group("keys")
def keys_() -> None:
    """Show and change the keys with which a tenant signs; ask whether a secret key is still needed."""


@command("list", keys_)
@tenant_option
def list_(job: Job, tenant_name: str) -> None:
    """List the signing keys of a tenant with their state: signs, waits, published or withdrawn.

    One that waits is published, and signs later. One that is published only is needed for what it has signed.
    """
    known = keys.list_all(job.authority, job.tenant(tenant_name))
    job.out.records(
        (_describe(key, state) for key, state in known), "There is none: it is made on first use."
    )


@command("rotate", keys_)
@tenant_option
@click.option("--dry-run", is_flag=True, help="Say what would happen, and do nothing.")
def rotate(job: Job, tenant_name: str, dry_run: bool) -> None:
    """Publish a new key, which signs once verifiers have it.

    The one that it replaces is published until the last ID token that it signed has expired.
    """
    tenant = job.tenant(tenant_name)
    if dry_run:
        planned = asdict(keys.plan_rotation(job.authority, tenant))
        del planned["kid"]
        job.out.record({"dry_run": True, "tenant": tenant_name, **planned})
        return
    rotation = keys.rotate(job.authority, tenant)
    job.out.record({"tenant": tenant_name, **asdict(rotation)})


@command("check", keys_)
def check(job: Job) -> None:
    """Tell whether older keys of RESCIND_SECRET_KEY can go; exits with 1 while something needs one.

    Run it when every host has the new key first. It encrypts signing keys of all tenants under that one, and
    lists the clients that have not authenticated since, and signing keys that no secret key decrypts. Once
    nothing needs an older one, what starts with that alone is refused.
    """
    again, left = 0, []
    for rekeyed in rekeying.rekey(job.authority):
        again += rekeyed.encrypted_again
        left += _left(rekeyed)
    if job.out.as_json and not left:
        job.out.record({"needs_older_key": False, "encrypted_again": again})
    job.out.records(left, "Nothing needs an older secret key.")
    if again:
        job.out.say(f"Signing keys that were encrypted again, under the first secret key: {again}.")
    if not left:
        secret_keys.retire_older(job.authority)
    if left:
        raise Refused(f"What still needs an older secret key, or a cure: {len(left)}.")


def _left(rekeyed: Rekeyed) -> list[Record]:
    of_clients = "it authenticates, or: rescind client rotate-secret"
    of_keys = "the key under which it was encrypted, or: rescind keys rotate"
    return [
        {"tenant": rekeyed.tenant, "kind": kind, "id": each, "needs": needs}
        for kind, ids, needs in (
            ("client", rekeyed.waiting_clients, of_clients),
            ("signing key", rekeyed.lost_keys, of_keys),
        )
        for each in ids
    ]


def _describe(key: SigningKeyRecord, state: str) -> Record:
    return {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "created_at": key.created_at,
        "signs_from": key.signs_from,
        "published_until": key.published_until,
        "state": state,
    }


def add_to(cli: click.Group) -> None:
    """Add the group."""
    cli.add_command(keys_)
