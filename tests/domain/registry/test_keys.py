"""OpenID Connect Core section 10.1.1: keys are published before they sign, and after."""

from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet, RSAKey

from rescind.domain import clock
from rescind.domain.authority import Authority
from rescind.domain.registry import keys
from rescind.domain.secrets import Keyring
from rescind.errors import Refused, SettingsError
from rescind.store import keys as rows
from rescind.store.key_records import SigningKeyRecord
from tests.servers import Server, Tenant

NOW = 1_800_000_000
# How long a verifier may keep the keys, as their answer says.
KEPT_SECONDS = 300
ID_TOKEN_SECONDS = 600
OLD_SECRET, NEW_SECRET = "an-old-secret-key-0123456789", "a-new-secret-key-0123456789"


@pytest.fixture
def authority(server: Server) -> Authority:
    """Give the authority, with its clock stopped."""
    clock.set(NOW)
    return server.authority


def published(authority: Authority, tenant: Tenant) -> KeySet:
    """Give the keys as a verifier has them."""
    return KeySet.import_key_set(keys.public_jwks(authority, tenant.record.id))  # type: ignore[arg-type]


def kids(authority: Authority, tenant: Tenant) -> set[str | None]:
    """Name the published keys."""
    return {key.kid for key in published(authority, tenant)}


def signer(authority: Authority, tenant: Tenant) -> str | None:
    """Name the key that signs."""
    return keys.signing_key(authority, tenant.record.id).kid


def signed(authority: Authority, tenant: Tenant) -> str:
    """Sign something."""
    key = keys.signing_key(authority, tenant.record.id)
    return jwt.encode({"alg": "RS256", "kid": key.kid}, {"sub": "alice"}, key)


def stored(authority: Authority, tenant: Tenant) -> list[SigningKeyRecord]:
    """Read the rows."""
    with authority.store.reading() as tx:
        return rows.kept(tx, tenant.record.id)


def with_secrets(authority: Authority, *secret_keys: str) -> Authority:
    """Give a server on the same store, started with other secret keys."""
    return replace(authority, keyring=Keyring(secret_keys))


@pytest.mark.requirement("OID-08")
def test_the_first_key_is_made_when_it_is_needed_and_signs_at_once(
    authority: Authority, tenant: Tenant
) -> None:
    token = signed(authority, tenant)

    assert jwt.decode(token, published(authority, tenant), algorithms=["RS256"]).claims == {"sub": "alice"}


@pytest.mark.requirement("OID-01")
def test_rfc7518_s3_3_a_key_has_2048_bits_or_more(authority: Authority, tenant: Tenant) -> None:
    key = keys.signing_key(authority, tenant.record.id)

    assert key.public_key.key_size >= 2048


@pytest.mark.requirement("OID-08")
def test_s10_1_1_a_new_key_is_published_at_once(authority: Authority, tenant: Tenant) -> None:
    old = signer(authority, tenant)

    new = keys.rotate(authority, tenant.record).kid

    assert new != old
    assert kids(authority, tenant) == {old, new}


@pytest.mark.requirement("OID-08")
def test_s10_1_1_it_does_not_sign_while_a_verifier_may_have_the_keys_of_before(
    authority: Authority, tenant: Tenant
) -> None:
    known_before = published(authority, tenant)
    keys.rotate(authority, tenant.record)

    clock.set(NOW + KEPT_SECONDS)

    token = signed(authority, tenant)
    assert jwt.decode(token, known_before, algorithms=["RS256"]).claims == {"sub": "alice"}


@pytest.mark.requirement("OID-08")
def test_s10_1_1_it_signs_from_the_time_that_was_told(authority: Authority, tenant: Tenant) -> None:
    old = signer(authority, tenant)
    rotation = keys.rotate(authority, tenant.record)

    clock.set(rotation.signs_from - 1)
    before = signer(authority, tenant)
    clock.set(rotation.signs_from)
    after = signer(authority, tenant)

    assert (before, after) == (old, rotation.kid)
    assert rotation.signs_from == NOW + 600


@pytest.mark.requirement("OID-08")
def test_s10_1_1_the_old_key_is_published_until_its_last_token_has_expired(
    authority: Authority, tenant: Tenant
) -> None:
    signer(authority, tenant)
    rotation = keys.rotate(authority, tenant.record)
    clock.set(rotation.signs_from - 1)
    last = signed(authority, tenant)

    clock.set(rotation.signs_from - 1 + ID_TOKEN_SECONDS)

    assert jwt.decode(last, published(authority, tenant), algorithms=["RS256"]).claims == {"sub": "alice"}


@pytest.mark.requirement("OID-08")
def test_s10_1_1_the_old_key_is_gone_after_that(authority: Authority, tenant: Tenant) -> None:
    old_token = signed(authority, tenant)
    rotation = keys.rotate(authority, tenant.record)

    clock.set(rotation.replaced_until or 0)

    assert kids(authority, tenant) == {rotation.kid}
    assert rotation.replaced_until == rotation.signs_from + ID_TOKEN_SECONDS + 60
    with pytest.raises(InvalidKeyIdError):
        jwt.decode(old_token, published(authority, tenant), algorithms=["RS256"])


@pytest.mark.requirement("OID-08")
def test_the_keys_of_other_tenants_stay(authority: Authority, tenant: Tenant, other_tenant: Tenant) -> None:
    untouched = kids(authority, other_tenant)
    signer(authority, tenant)

    keys.rotate(authority, tenant.record)

    clock.set(NOW + 1_000_000)
    assert kids(authority, other_tenant) == untouched


@pytest.mark.requirement("OID-08")
def test_a_rotation_is_refused_until_the_one_before_is_done(authority: Authority, tenant: Tenant) -> None:
    signer(authority, tenant)
    rotation = keys.rotate(authority, tenant.record)
    before = kids(authority, tenant)
    clock.set(rotation.signs_from - 1)

    with pytest.raises(Refused, match="rotate again in 1 seconds"):
        keys.rotate(authority, tenant.record)

    assert kids(authority, tenant) == before


@pytest.mark.requirement("OID-08")
def test_a_rotation_is_possible_again_once_the_new_key_signs(authority: Authority, tenant: Tenant) -> None:
    first = signer(authority, tenant)
    second = keys.rotate(authority, tenant.record)
    clock.set(second.signs_from)

    third = keys.rotate(authority, tenant.record)

    assert third.replaces == second.kid
    assert kids(authority, tenant) == {first, second.kid, third.kid}


def test_the_first_rotation_of_a_tenant_that_never_signed_makes_its_key(
    authority: Authority, tenant: Tenant
) -> None:
    rotation = keys.rotate(authority, tenant.record)

    assert (rotation.signs_from, rotation.replaces, rotation.replaced_until) == (NOW, None, None)
    assert signer(authority, tenant) == rotation.kid


def test_the_private_part_is_encrypted_at_rest(authority: Authority, tenant: Tenant) -> None:
    key = keys.signing_key(authority, tenant.record.id)

    (row,) = stored(authority, tenant)
    private = [value for name, value in key.as_dict(private=True).items() if name in {"d", "p", "q"}]
    assert [value for value in private if str(value).encode() in row.private_key] == []
    assert Keyring(("a-stranger-0123456789",)).decrypt(row.private_key) is None


def test_every_secret_key_of_the_list_decrypts_and_the_newest_encrypts(
    authority: Authority, tenant: Tenant
) -> None:
    kid = signer(with_secrets(authority, OLD_SECRET), tenant)

    again = signer(with_secrets(authority, NEW_SECRET, OLD_SECRET), tenant)

    # From then on the old one is needed no more.
    assert again == kid
    assert signer(with_secrets(authority, NEW_SECRET), tenant) == kid


def test_a_key_that_can_not_be_decrypted_signs_nothing(authority: Authority, tenant: Tenant) -> None:
    before = kids(with_secrets(authority, OLD_SECRET), tenant)

    with pytest.raises(SettingsError, match="RESCIND_SECRET_KEY"):
        signer(with_secrets(authority, NEW_SECRET), tenant)

    assert kids(with_secrets(authority, NEW_SECRET), tenant) == before


def test_the_rotation_of_a_key_that_can_not_be_decrypted_signs_at_once(
    authority: Authority, tenant: Tenant
) -> None:
    signer(with_secrets(authority, OLD_SECRET), tenant)
    new = with_secrets(authority, NEW_SECRET)

    # In the same second, too.
    rotation = keys.rotate(new, tenant.record)

    assert rotation.signs_from == NOW
    assert signer(new, tenant) == rotation.kid


def test_a_pending_key_that_can_not_be_decrypted_never_signs(authority: Authority, tenant: Tenant) -> None:
    old, new = with_secrets(authority, OLD_SECRET), with_secrets(authority, NEW_SECRET)
    signer(old, tenant)
    lost = keys.rotate(old, tenant.record)
    clock.set(NOW + 1)

    rotation = keys.rotate(new, tenant.record)

    clock.set(lost.signs_from)
    assert signer(new, tenant) == rotation.kid


def test_a_decrypted_key_is_a_private_one_with_its_id(authority: Authority, tenant: Tenant) -> None:
    key = keys.signing_key(authority, tenant.record.id)

    assert isinstance(key, RSAKey)
    assert key.is_private
    assert {key.kid} == kids(authority, tenant)


@pytest.mark.requirement("OID-08")
def test_a_planned_rotation_is_the_one_that_comes_and_changes_nothing(
    authority: Authority, tenant: Tenant
) -> None:
    old = signer(authority, tenant)

    planned = keys.plan_rotation(authority, tenant.record)

    assert kids(authority, tenant) == {old}
    assert replace(keys.rotate(authority, tenant.record), kid=None) == planned


@pytest.mark.requirement("OID-08")
@pytest.mark.settings(id_token_seconds=60)
def test_s10_1_1_the_old_key_is_published_until_its_last_logout_token_has_expired_too(
    authority: Authority, tenant: Tenant
) -> None:
    signer(authority, tenant)

    rotation = keys.rotate(authority, tenant.record)

    assert rotation.replaced_until == rotation.signs_from + 120 + 60
