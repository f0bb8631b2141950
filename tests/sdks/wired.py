"""What the wire saw of a client, and what it must have seen."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from tests.servers import NO_TLS, Tenant
from tests.wire import Exchange, Wire

REVOKE = "/oauth2/revoke"
# What the tests themselves send.
_OURS = "python-httpx"
_OF_THE_CLIENT = ("host", "user-agent")


@dataclass(frozen=True)
class Revocation:
    """What a client sends to revoke, and the answer that it needs.

    Attributes:
        fields: of the form, by name; `{access_token}`, `{refresh_token}`, `{client_id}` and
            `{client_secret}` stand for what they are.
        scheme: of the Authorization header; None where there is none.
        media_type: of the answer; None where it has none.
    """

    fields: dict[str, str]
    scheme: str | None = None
    media_type: str | None = None


def tokens_seen(wire: Wire) -> list[dict[str, Any]]:
    """Give the token responses, in their order."""
    return [json.loads(each.body) for each in wire.seen("/oauth2/token") if each.status == 200]


def newest_tokens(wire: Wire) -> dict[str, Any]:
    """Give what the client was given last."""
    return tokens_seen(wire)[-1]


def check_revocations(wire: Wire, expected: list[Revocation], origin: str | None, **values: str) -> None:
    """See that the client sent this and nothing else to revoke, and was answered as it needs it."""
    exchanges = wire.seen(REVOKE)
    assert len(exchanges) == len(expected), f"{len(exchanges)} revocations were sent"
    for exchange, revocation in zip(exchanges, expected, strict=True):
        sent = {name: value.format(**values) for name, value in revocation.fields.items()}
        authorization = exchange.request_headers.get("authorization")
        assert exchange.form == sent, f"the form was {exchange.form}"
        scheme = authorization.split(" ")[0] if authorization else None
        assert scheme == revocation.scheme, f"the client authenticated by {scheme}"
        check_answer(exchange, revocation.media_type)
        check_origin(exchange, origin)


def check_answer(exchange: Exchange, media_type: str | None = None) -> None:
    """See that a revocation was answered by a plain 200."""
    answer = (exchange.status, exchange.header("Content-Type"), exchange.body)
    assert answer == (200, media_type, b""), f"the answer was {answer}"
    assert exchange.header("Cache-Control") == "no-store", "the answer may be kept"


def check_origin(exchange: Exchange, origin: str | None) -> None:
    """See that a page of the origin may read the answer, and no other."""
    allowed = [exchange.header(f"Access-Control-Allow-{what}") for what in ("Origin", "Credentials")]
    assert exchange.request_headers.get("origin") == origin, f"the client said that it is at {origin}"
    assert allowed == [origin, "true" if origin else None], f"{allowed} is allowed"
    assert exchange.header("Vary") == "Origin", "a cache might give the answer to another origin"


def check_challenges(wire: Wire) -> None:
    """See that no browser was asked for a password by a Basic challenge."""
    challenged = [each for each in wire.exchanges if "authorization" not in each.request_headers]
    basic = [str(each) for each in challenged if (each.header("WWW-Authenticate") or "").startswith("Basic")]
    assert basic == [], f"{basic} would make a browser ask for a password"


def repeated(wire: Wire) -> int:
    """Send the client's revocation once more, to the letter. Gives the status."""
    exchange = wire.seen(REVOKE)[-1]
    headers = {name: value for name, value in exchange.request_headers.items() if name not in _OF_THE_CLIENT}
    reply = httpx.post(
        f"{wire.url}{exchange.path}", content=exchange.request_body, headers=headers, verify=NO_TLS
    )
    return reply.status_code


def userinfo_status(tenant: Tenant, access_token: str) -> int:
    """Use an access token at a guarded resource, over a connection of its own."""
    with tenant.server.http() as http:
        return http.get(
            f"{tenant.path}/userinfo", headers={"Authorization": f"Bearer {access_token}"}
        ).status_code


def told(wire: Wire, tenant: Tenant) -> str:
    """Say what the client and its browser sent, without the pages and what is the same in every line."""
    sent = [
        each for each in wire.exchanges if not each.request_headers.get("user-agent", "").startswith(_OURS)
    ]
    protocol = [each for each in sent if "/oauth2/" in each.path or "/oidc/" in each.path]
    return ", ".join(str(each).replace(f"/t/{tenant.name}", "").replace(" -> ", " ") for each in protocol)
