"""For the tests of an application that mounts Rescind: fixtures for pytest.

Name the module in `conftest.py`, beside a fixture `app` that makes the application with `TESTING`:

    pytest_plugins = ["rescind.testing"]

Then `rescind_tenant` gives a tenant, with `token(...)`, `headers(...)` and `revoke(...)`. Each application
under test has a store of its own, made and migrated, unless it names one.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from rescind.domain.registry import clients, tenants
from rescind.domain.revoking.causes import Revocation
from rescind.domain.revoking.epochs import Epochs, of_subject
from rescind.domain.revoking.selectors import Selector, Subject, Token
from rescind.domain.tokens.issuing import Authorization, issue
from rescind.errors import NotFound
from rescind.store.records import ClientRecord, TenantRecord
from rescind.web.extension import EXTENSION, Rescind

__all__ = ["TestTenant", "rescind_client", "rescind_tenant"]

_numbers = itertools.count(1)


@dataclass(frozen=True)
class TestTenant:
    """A tenant of the application under test, and what a test does with it.

    Attributes:
        name: its name; that of `Rescind(tenant=...)` where the application has one.
    """

    # pytest would take the class for one of tests.
    __test__ = False

    rescind: Rescind = field(repr=False)
    name: str

    def new_client(self, client_id: str | None = None, **options: Any) -> str:
        """Register a client, public unless it is said otherwise, and give its id.

        Args:
            options: of `rescind.domain.registry.clients.create`, such as `scope` or `redirect_uris`.
        """
        given = {"is_public": True, **options}
        made = clients.create(self.rescind.authority, self._record(), client_id=client_id, **given)
        return made.client.client_id

    def token(
        self,
        subject: str | None = "alice",
        scope: str | Iterable[str] = "",
        *,
        client_id: str | None = None,
        resource: str | Iterable[str] = (),
    ) -> str:
        """Issue an access token, as if the subject had allowed it to the client.

        Args:
            subject: None for a client that acts for itself.
            scope: of the token; the client need not be registered for it.
            client_id: of a client that is there; a new one is made where it is not given.
            resource: what it is meant for, as `require_token(resource=...)` has it; no resource server need
                be registered for it.
        """
        words = " ".join([scope] if isinstance(scope, str) else scope)
        authority, tenant = self.rescind.authority, self._record()
        client = clients.get(authority, tenant, client_id or self.new_client(scope=words))
        authorization = Authorization(
            tenant.id,
            client.client_id,
            _epochs(self.rescind, tenant, client, subject),
            tuple(words.split()),
            subject=subject,
            audience=(resource,) if isinstance(resource, str) else tuple(resource),
        )
        return issue(authority, authorization)[0].access_token

    def headers(
        self, subject: str | None = "alice", scope: str | Iterable[str] = "", **options: Any
    ) -> dict[str, str]:
        """Give the headers of a request that shows a new token; the options are those of `token`."""
        return {"Authorization": f"Bearer {self.token(subject, scope, **options)}"}

    def revoke(self, what: str | Selector) -> Revocation:
        """End a token, given as it is, or all that a selector names."""
        selector = Token(self.name, what) if isinstance(what, str) else what
        return self.rescind.revoke(selector, cause="a test")

    def revoke_subject(self, subject: str = "alice") -> Revocation:
        """End all that a subject has allowed, and its sessions."""
        return self.revoke(Subject(self.name, subject))

    def _record(self) -> TenantRecord:
        return tenants.get(self.rescind.authority, self.name)


@pytest.fixture
def rescind_tenant(app: Flask) -> Iterator[TestTenant]:
    """Give a tenant of the application of the fixture `app`, within its context."""
    rescind: Rescind = app.extensions[EXTENSION]
    name = rescind.tenant or f"test-{next(_numbers)}"
    with app.app_context():
        try:
            tenants.get(rescind.authority, name)
        except NotFound:
            tenants.create(rescind.authority, name)
        yield TestTenant(rescind, name)


@pytest.fixture
def rescind_client(rescind_tenant: TestTenant) -> str:
    """Give the id of a new public client."""
    return rescind_tenant.new_client()


def _epochs(rescind: Rescind, tenant: TenantRecord, client: ClientRecord, subject: str | None) -> Epochs:
    about = of_subject(rescind.authority, tenant.id, subject) if subject is not None else 0
    return Epochs(tenant.epoch, client.epoch, about)
