"""Devices (RFC 8628) as tests need them: begun over HTTP, and allowed without a browser."""

from typing import Any

import httpx

from rescind.domain.people import user_codes
from rescind.domain.registry.registration import DEVICE_CODE
from rescind.store import devices, sessions
from tests.servers import Client, Tenant


def new_device_client(tenant: Tenant, **options: Any) -> Client:
    """Register a public client for devices."""
    given = {"is_public": True, "grant_types": ["device_code", "refresh_token"], "scope": "openid notes"}
    return tenant.new_client(**{**given, **options})


def begin(client: Client, **form: Any) -> dict[str, Any]:
    """Let a device begin."""
    reply = client.send("device", form)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def poll(client: Client, device: dict[str, Any], **form: str) -> httpx.Response:
    """Let it ask for its tokens."""
    return client.send("token", {"grant_type": DEVICE_CODE, "device_code": device["device_code"], **form})


def allow(tenant: Tenant, device: dict[str, Any], subject: str = "alice") -> None:
    """Let a subject allow it, in a new session."""
    authority, sid = tenant.server.authority, tenant.new_session(subject)
    with authority.store.reading() as tx:
        session = sessions.find(tx, tenant.record.id, sid)
        code = user_codes.digest_of(device["user_code"])
        found = devices.find_by_user_code(tx, tenant.record.id, code)
    assert session is not None
    assert found is not None
    assert user_codes.allow(authority, tenant.record, session, device["user_code"], found.grant_id)


def allowed(client: Client) -> httpx.Response:
    """Let a device begin, alice allow it, and the device ask."""
    device = begin(client)
    allow(client.tenant, device)
    return poll(client, device)
