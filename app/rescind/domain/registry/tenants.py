"""Make, close and open tenants."""

from collections.abc import Iterator, Mapping
from typing import Any

from rescind.domain import names, resources
from rescind.domain.authority import Authority
from rescind.domain.paging import PAGE_ROWS, pages
from rescind.domain.registry import tenant_settings
from rescind.domain.registry.tenant_settings import TenantSettings
from rescind.domain.revoking import hooks, revocation, selectors
from rescind.domain.revoking.causes import TENANT_DISABLED, Cause, Revocation
from rescind.errors import NotFound, Refused
from rescind.store import collating, tenants
from rescind.store import resources as rows_of_resources
from rescind.store.altering import Altering
from rescind.store.engine import Transaction
from rescind.store.records import TenantRecord


def create(authority: Authority, name: str) -> TenantRecord:
    """Make a tenant.

    Raises:
        BadValue: it can't be named so.
        AlreadyExists: the name is taken, by a disabled tenant too.
    """
    names.tenant_name(name)
    return authority.store.transact(lambda tx: tenants.create(tx, name))


def list_all(authority: Authority) -> Iterator[TenantRecord]:
    """List every tenant, by name, read page by page."""

    def page(after: str) -> list[TenantRecord]:
        with authority.store.reading() as tx:
            return tenants.list_some(tx, after=after, limit=PAGE_ROWS)

    return pages(page, lambda tenant: tenant.name, "")


def get(authority: Authority, name: str) -> TenantRecord:
    """Find a tenant, disabled or not.

    Raises:
        NotFound: there is none.
    """
    with authority.store.reading() as tx:
        tenant = tenants.find(tx, name) if names.is_tenant_name(name) else None
    if tenant is None:
        raise NotFound(f"There is no tenant {name!r}.")
    return tenant


def settings_of(authority: Authority, tenant: TenantRecord) -> TenantSettings:
    """Read what an operator has set for a tenant."""
    with authority.store.reading() as tx:
        return tenant_settings.parse(tenants.settings_of(tx, tenant.id))


def update(authority: Authority, tenant: TenantRecord, changes: Mapping[str, str | bool]) -> None:
    """Change what is set for a tenant; see `tenant_settings.change`.

    Args:
        changes: `default_resource` among them is what tokens are meant for where none is asked for. It stands
            beside the others, as it is read with every request.

    Raises:
        BadValue: a value is not what it must be; nothing has changed.
        TargetRefused: no resource server of the tenant answers for the resource.
        Refused: workers of the version before may be left, which would not do it; or clients of a host can't
            be counted in this store yet.
    """
    is_open = changes.get("registration", tenant_settings.CLOSED) != tenant_settings.CLOSED
    takes_documents = changes.get("client_metadata_documents") is True
    if is_open or takes_documents:
        _check_is_settled(authority)
    if takes_documents:
        _check_hosts_can_be_counted(authority)
    settings = dict(changes)
    resource: Any = settings.pop("default_resource", None)

    def change(tx: Transaction) -> None:
        if resource:
            known = rows_of_resources.known(tx, tenant.id, resources.possible([resource]))
            resources.among([resource], known)
        if resource is not None:
            tenants.set_default_resource(tx, tenant.id, resource or None)
        if settings:
            text = tenant_settings.change(tenants.settings_to_change(tx, tenant.id), settings)
            tenants.set_settings(tx, tenant.id, text, tenant_settings.of_refreshing(text))

    authority.store.transact(change)


def disable(authority: Authority, name: str, *, actor: str) -> Revocation:
    """Revoke all of a tenant and close it, in one transaction: every path of it is 404 from then on.

    Returns:
        What ended. For one that is disabled already that is nothing, and no event.

    Raises:
        NotFound: there is no such tenant.
    """
    tenant = get(authority, name)
    cause = Cause(TENANT_DISABLED, actor)

    def close(tx: Transaction) -> Revocation:
        if not tenants.disable(tx, tenant.id):
            return Revocation(False, None, name, selectors.Tenant.kind, name, cause)
        return revocation.apply(authority, tx, tenant, selectors.Tenant(name), cause)

    done = authority.store.transact(close)
    hooks.announce(authority, done)
    return done


def enable(authority: Authority, name: str) -> TenantRecord:
    """Open a tenant again; one that is not disabled is open. No token of before comes back to life.

    Raises:
        NotFound: there is no such tenant.
    """
    tenant = get(authority, name)
    authority.store.transact(lambda tx: tenants.enable(tx, tenant.id))
    return get(authority, name)


def _check_is_settled(authority: Authority) -> None:
    """See to it that every worker knows a client that registered itself: one of before would ask for less."""
    if not authority.store.is_settled:
        raise Refused(
            "Clients that nobody has registered can't be taken yet: the upgrade of the store is not "
            f"finished. Run {authority.store.command} db upgrade --finish once all workers run this version."
        )


def _check_hosts_can_be_counted(authority: Authority) -> None:
    """See to it that ids which begin alike stand together: by them the clients of a host are counted."""
    with authority.store.opened() as connection:
        altering = Altering(connection)
        if altering.is_sqlite or collating.is_collated(altering):
            return
    raise Refused(
        "Clients can't be described by documents in this store yet: it compares ids by the rules of a "
        "language, so the clients of a host can't be counted. With all workers stopped, run "
        f"{authority.store.command} db upgrade --finish --rebuild."
    )
