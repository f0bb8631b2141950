"""Make, close and open tenants."""

from collections.abc import Iterator, Mapping

from rescind.domain import names
from rescind.domain.authority import Authority
from rescind.domain.paging import PAGE_ROWS, pages
from rescind.domain.registry import tenant_settings
from rescind.domain.registry.tenant_settings import TenantSettings
from rescind.domain.revoking import hooks, revocation, selectors
from rescind.domain.revoking.causes import TENANT_DISABLED, Cause, Revocation
from rescind.errors import NotFound, Refused
from rescind.store import tenants
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

    Raises:
        BadValue: a value is not what it must be; nothing has changed.
        Refused: workers of the version before may be left, which would not do it.
    """
    if changes.get("client_metadata_documents") is True and not authority.store.is_settled:
        finish = f"{authority.store.command} db upgrade --finish"
        raise Refused(f"First finish the upgrade ({finish}): older workers would not know it.")

    def change(tx: Transaction) -> None:
        text = tenants.settings_to_change(tx, tenant.id)
        tenants.set_settings(tx, tenant.id, tenant_settings.change(text, changes))

    authority.store.transact(change)


def disable(authority: Authority, name: str, *, actor: str) -> Revocation:
    """Revoke all of a tenant and close it, in one transaction: every path of it is 404 from then on.

    Raises:
        NotFound: there is no such tenant.
        Refused: it is disabled already.
    """
    tenant = get(authority, name)

    def close(tx: Transaction) -> Revocation:
        if not tenants.disable(tx, tenant.id):
            raise Refused(f"The tenant {name} is disabled already.")
        cause = Cause(TENANT_DISABLED, actor)
        return revocation.apply(authority, tx, tenant, selectors.Tenant(name), cause)

    done = authority.store.transact(close)
    hooks.announce(authority, done)
    return done


def enable(authority: Authority, name: str) -> TenantRecord:
    """Open a tenant again. No token of before comes back to life.

    Raises:
        NotFound: there is no such tenant.
        Refused: it is not disabled.
    """
    tenant = get(authority, name)
    if not authority.store.transact(lambda tx: tenants.enable(tx, tenant.id)):
        raise Refused(f"The tenant {name} is not disabled.")
    return get(authority, name)
