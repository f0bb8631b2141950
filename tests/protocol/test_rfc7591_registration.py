"""RFC 7591: a client registers itself, at a tenant that lets it."""

from typing import Any

import pytest

from rescind.domain import clock
from rescind.domain.registry import clients
from tests.protocol.assertions import KEYS
from tests.protocol.registering import Registered, initial_token, open_to, register
from tests.protocol.test_rfc8414_metadata import document_of
from tests.servers import CALLBACK, Tenant, error_of


@pytest.fixture
def tenant(tenant: Tenant) -> Tenant:
    """Give a tenant at which anybody may register a client."""
    return open_to(tenant, "open")


@pytest.mark.requirement("REG-01")
def test_s3_2_1_a_client_is_told_all_that_is_registered_and_its_secret_once(tenant: Tenant) -> None:
    reply = register(tenant, client_name="Ledger", scope="openid email", contacts=["a@app.example"])

    told = reply.json()
    assert reply.status_code == 201
    assert reply.headers["Cache-Control"] == "no-store"
    secret, token = told.pop("client_secret"), told.pop("registration_access_token")
    assert (secret[:4], token[:4]) == ("rcs_", "rct_")
    client_id, issued_at = told.pop("client_id"), told.pop("client_id_issued_at")
    assert abs(issued_at - clock.now()) < 60
    assert told == {
        "client_secret_expires_at": 0,
        "registration_client_uri": f"{tenant.issuer.removesuffix('/token')}/register/{client_id}",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "client_name": "Ledger",
        "scope": "openid email profile phone offline_access",
        "contacts": ["a@app.example"],
    }
    # Of a wrong secret the error would be invalid_client.
    client = Registered(tenant, {"client_id": client_id, "client_secret": secret}).client
    assert error_of(client.post("token", grant_type="client_credentials")) == "unauthorized_client"


NO_ADDRESSES: list[Any] = [
    *(..., CALLBACK, [CALLBACK, 1], [], ["http://app.example/back"], ["javascript:alert(1)"]),
    *([f"{CALLBACK}#there"], [f"{CALLBACK}?{number}" for number in range(21)]),
]
NO_METADATA: list[dict[str, Any]] = [
    {"token_endpoint_auth_method": "client_secret_jwt"},
    {"token_endpoint_auth_method": "private_key_jwt"},
    {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/keys"},
    {
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [KEYS["ES256"].as_dict(private=True)]},
    },
    {"grant_types": ["client_credentials"]},
    {"grant_types": "authorization_code"},
    {"response_types": ["token"]},
    {"scope": "admin"},
    {"client_name": ["Ledger"]},
    {"client_name": "a\u0000b"},
    {"client_name": "\ud800"},
    {"client_uri": "javascript:alert(1)"},
    {"contacts": ["a@app.example"] * 11},
]


@pytest.mark.requirement("REG-05")
def test_s3_2_2_what_a_client_may_not_say_is_refused_by_its_code(tenant: Tenant) -> None:
    addresses = [register(tenant, redirect_uris=each) for each in NO_ADDRESSES]
    others = [register(tenant, **each) for each in NO_METADATA]

    assert {reply.status_code for reply in (*addresses, *others)} == {400}
    assert [error_of(reply) for reply in addresses] == ["invalid_redirect_uri"] * len(addresses)
    assert [error_of(reply) for reply in others] == ["invalid_client_metadata"] * len(others)


@pytest.mark.requirement("REG-05")
def test_s2_what_may_not_be_had_is_left_out_and_what_is_not_known_is_ignored(tenant: Tenant) -> None:
    told = Registered.at(
        tenant,
        scope="openid admin",
        grant_types=["authorization_code", "refresh_token", "client_credentials", "implicit"],
        response_types=["code", "token"],
        is_resource_server=True,
        backchannel_logout_uri="https://app.example/logout",
        jwks_uri="https://app.example/keys",
    ).told

    assert "admin" not in told["scope"].split()
    assert told["grant_types"] == ["authorization_code", "refresh_token"]
    assert told["response_types"] == ["code"]
    assert told.keys().isdisjoint({"is_resource_server", "backchannel_logout_uri", "jwks_uri"})
    made = clients.get(tenant.server.authority, tenant.record, told["client_id"])
    assert not made.is_resource_server
    assert made.backchannel_logout_uri is None


def test_a_client_has_what_the_tenant_has_for_such_so_that_it_can_step_up(tenant: Tenant) -> None:
    assert Registered.at(tenant).told["scope"] == "openid profile email phone offline_access"
    open_to(tenant, "open", open_scope="read write")

    assert Registered.at(tenant).told["scope"] == "read write"
    assert Registered.at(tenant, scope="write").told["scope"] == "write read"


def test_who_asks_for_all_that_is_announced_has_what_may_be_had_of_it(tenant: Tenant) -> None:
    """As the SDK of MCP for Python does, where a server does not say which scope it needs."""
    open_to(tenant, "open", open_scope="read write")
    announced = document_of(tenant)["scopes_supported"]

    assert Registered.at(tenant, scope=" ".join(announced)).told["scope"] == "read write"


def test_a_public_client_has_no_secret_and_returns_where_others_do(tenant: Tenant) -> None:
    local = ["http://localhost:6274/back", "http://127.0.0.1/", "http://[::1]:8080/"]
    uris = [CALLBACK, *local, "com.example.app:/back"]

    told = Registered.at(tenant, token_endpoint_auth_method="none", redirect_uris=uris).told

    assert told["redirect_uris"] == uris
    assert told.keys().isdisjoint({"client_secret", "client_secret_expires_at"})


def test_a_client_with_keys_authenticates_by_them(tenant: Tenant) -> None:
    key = KEYS["ES256"]
    told = Registered.at(
        tenant, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key.as_dict(private=False)]}
    ).told

    assert "client_secret" not in told
    assert told["jwks"]["keys"][0]["x"] == key.as_dict(private=False)["x"]


JSON, FORM = "application/json", "application/x-www-form-urlencoded"
NO_REQUESTS = [
    (b"{}", FORM, "", 400),
    (b"[]", JSON, "", 400),
    (b"{", JSON, "", 400),
    (b'{"scope": "a", "scope": "b"}', JSON, "", 400),
    (b"[" * 30_000, JSON, "", 400),
    (b'{"client_name": "\xff"}', JSON, "", 400),
    (b"{}", JSON, "?access_token=any", 400),
    (b" " * 65_537, JSON, "", 413),
]


def test_what_is_no_request_is_a_json_error(tenant: Tenant) -> None:
    with tenant.server.http() as http:
        replies = [
            http.post(f"{tenant.path}/register{query}", content=body, headers={"Content-Type": kind})
            for body, kind, query, _ in NO_REQUESTS
        ]

    assert [reply.status_code for reply in replies] == [status for *_, status in NO_REQUESTS]
    assert {error_of(reply) for reply in replies} == {"invalid_request", "invalid_client_metadata"}


def test_another_method_is_405(tenant: Tenant) -> None:
    with tenant.server.http() as http:
        reply = http.get(f"{tenant.path}/register")

    assert (reply.status_code, reply.headers["Allow"]) == (405, "POST")


def test_the_metadata_names_the_endpoint_where_it_is_of_use(other_tenant: Tenant) -> None:
    def named(mode: str) -> str | None:
        with open_to(other_tenant, mode).server.http() as http:
            document = http.get(f"/.well-known/oauth-authorization-server{other_tenant.path}/token").json()
        endpoint: str | None = document.get("registration_endpoint")
        return endpoint

    endpoint = other_tenant.issuer.removesuffix("token") + "register"
    assert [named(mode) for mode in ("closed", "token", "open")] == [None, endpoint, endpoint]


def test_a_tenant_is_closed_as_long_as_nobody_has_said_otherwise(other_tenant: Tenant) -> None:
    reply = register(other_tenant, token=initial_token(other_tenant))

    assert (reply.status_code, error_of(reply)) == (403, "access_denied")


def test_s3_a_registration_token_is_good_for_its_uses_and_a_mistake_is_none(other_tenant: Tenant) -> None:
    token = initial_token(open_to(other_tenant, "token"), uses=2)
    uris = [CALLBACK, "http://app.example/", CALLBACK, CALLBACK]

    replies = [register(other_tenant, token=token, redirect_uris=[uri]) for uri in uris]

    assert [reply.status_code for reply in replies] == [201, 400, 201, 401]
    assert 'error="invalid_token"' in replies[-1].headers["WWW-Authenticate"]


def test_without_a_registration_token_that_is_good_nobody_registers(
    other_tenant: Tenant, tenant: Tenant
) -> None:
    open_to(other_tenant, "token")
    of_others, expired = initial_token(tenant), initial_token(other_tenant, lifetime_seconds=1)
    clock.set(clock.now() + 2)

    replies = [register(other_tenant, token=token) for token in (None, "rit_made-up", of_others, expired)]

    assert [reply.status_code for reply in replies] == [401] * 4
    assert all(reply.headers["WWW-Authenticate"].startswith("Bearer ") for reply in replies)


# In Cyrillic letters alone.
COCO = "\u0421\u043e\u0441\u043e"
ALIKE = [
    "Ledger",
    "LEDGER",
    "L e d g e r",
    "L\u0435dger",
    "Ledge\u0301r",
    "orders-2",
    "0rders-2",
    COCO,
    "ACME INC",
    # The server keeps a client of that name, or will.
    "Personal access t0kens",
]
READ_IN_TWO_WAYS = ["Ledger\u202egnp", "Led\u200bger", " ", "---", "G\u043eogle"]
NO_NAMES = ["a" * 61, "Z\u0335\u0321\u0322algo"]
# Letters, marks and signs to Unicode, and yet not seen.
UNSEEN = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u180b\ufe0f\U000e0101"


def test_nobody_takes_the_name_of_a_client_of_the_operators(tenant: Tenant) -> None:
    tenant.new_client(name="Ledger")
    tenant.new_client(name="Coco")
    # Of one without a name people are shown the id.
    tenant.new_client(client_id="orders-2")
    open_to(tenant, "open", display_name="Acme Inc.")

    replies = [register(tenant, client_name=name) for name in ALIKE]

    assert [error_of(reply) for reply in replies] == ["invalid_client_metadata"] * len(ALIKE)


def test_a_name_that_is_read_in_two_ways_is_refused(tenant: Tenant) -> None:
    names = [*READ_IN_TWO_WAYS, *NO_NAMES, *(f"Led{each}ger" for each in UNSEEN)]

    replies = [register(tenant, client_name=name) for name in names]

    assert [error_of(reply) for reply in replies] == ["invalid_client_metadata"] * len(replies)


def test_names_of_each_other_and_of_other_languages_may_be_had(tenant: Tenant) -> None:
    names = ["Ledger", "Ledger", "会計ノート", "Бухгалтерия", "Ledger ノート", "Größe 2"]

    assert [Registered.at(tenant, client_name=name).told["client_name"] for name in names] == names


def test_a_name_that_an_operator_gives_up_may_be_had(tenant: Tenant) -> None:
    client = tenant.new_client(name="Ledger")
    clients.update(tenant.server.authority, tenant.record, client.client_id, name="Books")

    assert [register(tenant, client_name=name).status_code for name in ("Ledger", "Book5", "Books")] == [
        *(201, 201, 400)
    ]


def test_a_flood_from_one_address_is_refused_and_writes_nothing(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rescind.domain.registry.registration_throttle.MOST_OF_ADDRESS", 3)

    replies = [register(tenant) for _ in range(5)]

    assert [reply.status_code for reply in replies] == [201, 201, 201, 429, 429]
    assert int(replies[-1].headers["Retry-After"]) > 3000
    assert len(list(clients.list_all(tenant.server.authority, tenant.record))) == 3
    clock.set(clock.now() + 3601)
    assert register(tenant).status_code == 201


def test_a_flood_from_everywhere_fills_no_store(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rescind.domain.registry.registration_throttle.MOST_OF_TENANT", 2)

    replies = [register(tenant, address=f"192.0.2.{number}") for number in range(3)]

    assert [reply.status_code for reply in replies] == [201, 201, 429]


def test_a_page_of_any_origin_may_register_and_is_let_in_where_it_returns_to(tenant: Tenant) -> None:
    origin = "http://localhost:6274"
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    told = Registered.at(tenant, token_endpoint_auth_method="none", redirect_uris=[f"{origin}/back"]).told

    with tenant.server.http() as http:
        other = http.options(f"{tenant.path}/register", headers={**asked, "Origin": "https://any.example"})
        own = http.options(f"{tenant.path}/token", headers=asked)

    assert (other.status_code, other.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert (own.status_code, own.headers["Access-Control-Allow-Origin"]) == (204, origin)
    assert told["redirect_uris"] == [f"{origin}/back"]
