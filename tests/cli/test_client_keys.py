"""`rescind client create --auth-method private_key_jwt --jwks-file F`: keys in place of a secret."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import OctKey, OKPKey

from rescind.domain.registry import clients
from tests.cli.shell import Outcome, Shell, on_sqlite
from tests.protocol.assertions import PRIVATE, Asserting, private_key_set
from tests.servers import Client, Tenant

# 1024 bits.
SMALL_RSA = json.dumps({"keys": [{"kty": "RSA", "e": "AQAB", "n": "q83v" * 42 + "q80"}]})
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "symmetric": (private_key_set(OctKey.generate_key(256)), "a symmetric key, which is a secret"),
    "small RSA": (SMALL_RSA, "key 1 is RSA of less than 2048 bits"),
    "cut": ("-----BEGIN PUBLIC KEY-----", "a block has no end"),
    "UTF-16": ("keys of mine".encode("utf-16"), "neither JSON at line 1 nor PEM"),
}


def create(shell: Shell, tenant: Tenant, folder: Path, jwks: str | bytes) -> Outcome:
    """Register a client with the keys in a file."""
    (folder / "keys.json").write_bytes(jwks.encode() if isinstance(jwks, str) else jwks)
    options = ["--tenant", tenant.name, "--auth-method", "private_key_jwt"]
    return shell.run("client", "create", *options, "--jwks-file", str(folder / "keys.json"), "--json")


@pytest.mark.requirement("JWA-01")
def test_the_public_part_of_a_private_key_is_registered(shell: Shell, tenant: Tenant, tmp_path: Path) -> None:
    key = OKPKey.generate_key("Ed25519")

    record = create(shell, tenant, tmp_path, private_key_set(key)).record

    kept = clients.get(tenant.server.authority, tenant.record, record["client_id"]).jwks
    asserting = Asserting(Client(tenant, record["client_id"], None), key, "EdDSA")
    assert record.keys() == {"client_id"}
    assert not PRIVATE & set(json.loads(kept or "")["keys"][0])
    assert asserting.post("revoke", token="unknown").status_code == 200


@pytest.mark.parametrize(("jwks", "sentence"), REFUSED.values(), ids=REFUSED)
@on_sqlite
def test_what_is_no_set_of_public_keys_is_refused_in_one_line(
    shell: Shell, tenant: Tenant, tmp_path: Path, jwks: str | bytes, sentence: str
) -> None:
    outcome = create(shell, tenant, tmp_path, jwks)

    assert (outcome.code, outcome.out) == (1, "")
    assert sentence in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert list(clients.list_all(tenant.server.authority, tenant.record)) == []
