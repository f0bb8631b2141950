"""`rescind client create --auth-method private_key_jwt --jwks-file F`: keys in place of a secret."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import OctKey, OKPKey

from rescind.domain.registry import clients
from tests.cli.shell import Outcome, Shell, on_sqlite
from tests.protocol.assertions import PRIVATE, Asserting, private_key_set
from tests.servers import Client, Tenant

# 1024 bits.
SMALL_RSA = json.dumps({"keys": [{"kty": "RSA", "e": "AQAB", "n": "q83v" * 42 + "q80"}]})
SMALL_PEM = (
    rsa.generate_private_key(65537, 1024)
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
)
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "symmetric": (private_key_set(OctKey.generate_key(256)), "a symmetric key, which is a secret"),
    "small RSA": (SMALL_RSA, "key 1 is RSA of less than 2048 bits"),
    "small RSA in PEM": (SMALL_PEM, "key 1 is RSA of less than 2048 bits"),
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


@on_sqlite
def test_a_file_of_keys_alone_says_how_the_client_authenticates(
    shell: Shell, tenant: Tenant, tmp_path: Path
) -> None:
    key = OKPKey.generate_key("Ed25519")
    (tmp_path / "keys.json").write_text(private_key_set(key))
    options = ["--tenant", tenant.name, "--jwks-file", str(tmp_path / "keys.json"), "--json"]

    record = shell.run("client", "create", *options).record

    assert record.keys() == {"client_id"}
    asserting = Asserting(Client(tenant, record["client_id"], None), key, "EdDSA")
    assert asserting.post("revoke", token="unknown").status_code == 200


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--secret", "s" * 40], "A client has a secret or keys: --secret or --jwks-file, not both."),
        (["--public"], "A public client can't authenticate, so its keys would not be used: no --jwks-file."),
        (["--auth-method", "any"], "A client with the method any does not use keys: --jwks-file goes with"),
        (["--auth-method", "client_secret_post"], "A client with the method client_secret_post does not use"),
    ],
    ids=["secret", "public", "any", "post"],
)
@on_sqlite
def test_keys_that_would_not_be_used_are_refused(
    shell: Shell, tenant: Tenant, tmp_path: Path, options: list[str], sentence: str
) -> None:
    (tmp_path / "keys.json").write_text(private_key_set(OKPKey.generate_key("Ed25519")))
    options = ["--tenant", tenant.name, "--jwks-file", str(tmp_path / "keys.json"), *options]

    outcome = shell.run("client", "create", *options)

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"rescind: {sentence}")
    assert list(clients.list_all(tenant.server.authority, tenant.record)) == []


@on_sqlite
def test_keys_are_taken_by_a_client_with_a_secret_only_in_its_place(
    shell: Shell, tenant: Tenant, tmp_path: Path
) -> None:
    (tmp_path / "keys.json").write_text(private_key_set(OKPKey.generate_key("Ed25519")))
    keys = ["--tenant", tenant.name, "--jwks-file", str(tmp_path / "keys.json")]
    client_id = tenant.new_client().client_id

    refused = shell.run("client", "update", client_id, *keys)

    assert (refused.code, refused.out) == (1, "")
    assert "--jwks-file goes with --auth-method private_key_jwt." in refused.err
    assert shell.run("client", "update", client_id, *keys, "--auth-method", "private_key_jwt").code == 0


@on_sqlite
def test_a_client_that_is_to_have_keys_is_told_how_to_give_them(shell: Shell, tenant: Tenant) -> None:
    outcome = shell.run("client", "create", "--tenant", tenant.name, "--auth-method", "private_key_jwt")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.endswith("registers its public keys: --jwks-file.\n")
