"""Clients that register themselves, over HTTP."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from rescind.domain.registry import registration_tokens, tenants
from tests.servers import CALLBACK, Client, Tenant


def open_to(tenant: Tenant, mode: str, **changes: str) -> Tenant:
    """Let clients register themselves at a tenant."""
    tenants.update(tenant.server.authority, tenant.record, {"registration": mode, **changes})
    return tenant


def initial_token(tenant: Tenant, *, uses: int = 1, lifetime_seconds: int = 3600) -> str:
    """Make what lets a client register itself."""
    authority = tenant.server.authority
    made = registration_tokens.create(authority, tenant.record, uses=uses, lifetime_seconds=lifetime_seconds)
    return made.token


def register(
    tenant: Tenant, *, token: str | None = None, address: str = "127.0.0.1", **members: Any
) -> httpx.Response:
    """Register a client; `...` takes the redirect URIs away that it has else."""
    said = {"redirect_uris": [CALLBACK], **members}
    body = {name: value for name, value in said.items() if value is not ...}
    headers = {"Content-Type": "application/json"}
    headers |= {} if token is None else {"Authorization": f"Bearer {token}"}
    assert tenant.server.app is not None
    transport = httpx.WSGITransport(app=tenant.server.app, remote_addr=address)
    with httpx.Client(transport=transport, base_url=tenant.server.base_url) as http:
        return http.post(f"{tenant.path}/register", content=json.dumps(body), headers=headers)


@dataclass
class Registered:
    """A client, and what it was told when it registered itself."""

    tenant: Tenant
    told: dict[str, Any]

    @classmethod
    def at(cls, tenant: Tenant, **members: Any) -> "Registered":
        """Register one at an open tenant."""
        reply = register(tenant, **members)
        assert reply.status_code == 201, reply.text
        return cls(tenant, reply.json())

    @property
    def client(self) -> Client:
        """The client, as every other is used."""
        return Client(self.tenant, self.told["client_id"], self.told.get("client_secret"))

    def ask(self, method: str, *, token: str | None = None, **members: Any) -> httpx.Response:
        """Show, change or delete what is registered."""
        token = self.told["registration_access_token"] if token is None else token
        body = members if method == "PUT" else None
        address = self.told["registration_client_uri"].removeprefix(self.tenant.server.base_url)
        with self.tenant.server.http() as http:
            return http.request(method, address, json=body, headers={"Authorization": f"Bearer {token}"})

    def put(self, **members: Any) -> httpx.Response:
        """Put this in the place of all that is registered."""
        return self.ask("PUT", client_id=self.told["client_id"], **members)
