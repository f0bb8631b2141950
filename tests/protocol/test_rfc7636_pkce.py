"""RFC 7636, Proof Key for Code Exchange: S256 alone, and always."""

import base64
import hashlib
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rescind.domain.tokens import pkce
from rescind.errors import BadValue
from tests.extent import tries
from tests.servers import Client, Tenant, error_of

# Appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
UNRESERVED = string.ascii_letters + string.digits + "-._~"
verifiers = st.text(UNRESERVED, min_size=43, max_size=128)
# With the unreserved letters often among them, so that much is only nearly a verifier.
texts = st.text(st.sampled_from(UNRESERVED) | st.characters(), max_size=140)
WRONG = {
    "other": "w" * 43,
    "other case": VERIFIER.swapcase(),
    "longer": VERIFIER + "A",
    "the challenge itself": CHALLENGE,
}
MALFORMED = {
    "42 letters": "v" * 42,
    "129 letters": "v" * 129,
    "white space behind": VERIFIER + " ",
    "line feed behind": VERIFIER + "\n",
    "padding": VERIFIER + "=",
    "plus": "+" + VERIFIER[1:],
    "slash": "/" + VERIFIER[1:],
    "percent": "%41" + VERIFIER,
    "no ASCII": "\N{LATIN SMALL LETTER E WITH ACUTE}" + VERIFIER[1:],
    "digits of another script": "\N{ARABIC-INDIC DIGIT ONE}" * 43,
    "emoji": "\N{PILE OF POO}" * 43,
}


@pytest.mark.requirement("COD-01")
def test_appendix_b_the_example_of_the_rfc(client: Client) -> None:
    code = client.mint_code(code_challenge=CHALLENGE)

    reply = client.exchange(code, code_verifier=VERIFIER)

    assert pkce.challenge_of(VERIFIER) == CHALLENGE
    assert reply.status_code == 200
    assert client.is_active(reply.json()["access_token"])


@pytest.mark.requirement("COD-01")
@pytest.mark.parametrize("verifier", ["v" * 43, "v" * 128, (UNRESERVED * 2)[:128]], ids=["43", "128", "all"])
def test_s4_1_every_verifier_that_may_be_is_taken(client: Client, verifier: str) -> None:
    code = client.mint_code(code_challenge=pkce.challenge_of(verifier))

    reply = client.exchange(code, code_verifier=verifier)

    assert reply.status_code == 200


@pytest.mark.requirement("COD-02")
@pytest.mark.parametrize("is_public", [False, True], ids=["confidential", "public"])
@pytest.mark.parametrize("verifier", WRONG.values(), ids=WRONG)
def test_s4_6_another_verifier_is_refused_and_uses_nothing_up(
    tenant: Tenant, resource_server: Client, verifier: str, is_public: bool
) -> None:
    client = tenant.new_client(is_public=is_public)
    code = client.mint_code(code_challenge=CHALLENGE)

    reply = client.exchange(code, code_verifier=verifier)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")
    again = client.exchange(code, code_verifier=VERIFIER)
    assert resource_server.is_active(again.json()["access_token"])


@pytest.mark.requirement("COD-03")
@pytest.mark.parametrize("verifier", MALFORMED.values(), ids=MALFORMED)
def test_s4_1_what_can_be_no_verifier_is_refused(client: Client, verifier: str) -> None:
    hashed = hashlib.sha256(verifier.encode()).digest()
    code = client.mint_code(code_challenge=base64.urlsafe_b64encode(hashed).rstrip(b"=").decode())

    reply = client.exchange(code, code_verifier=verifier)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


@pytest.mark.requirement("COD-07")
def test_rfc9700_s2_1_1_a_plain_challenge_is_no_challenge(client: Client) -> None:
    code = client.mint_code(code_challenge=VERIFIER)

    reply = client.exchange(code, code_verifier=VERIFIER)

    assert (reply.status_code, error_of(reply)) == (400, "invalid_grant")


@pytest.mark.requirement("COD-07")
@pytest.mark.parametrize(
    "challenge",
    ["", CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE + "=", CHALLENGE + "\n", "+" + CHALLENGE[1:], "v" * 128],
    ids=["none", "short", "long", "padded", "line feed behind", "plus", "plain"],
)
def test_rfc9700_s2_1_1_no_code_is_made_without_a_challenge(client: Client, challenge: str) -> None:
    with pytest.raises(BadValue):
        client.mint_code(code_challenge=challenge)


@pytest.mark.requirement("COD-02")
@settings(max_examples=tries(100), deadline=None)
@given(verifier=verifiers, other=texts)
def test_s4_6_a_challenge_is_met_by_its_verifier_alone(verifier: str, other: str) -> None:
    challenge = pkce.challenge_of(verifier)

    assert pkce.is_challenge(challenge)
    assert pkce.matches(verifier, challenge)
    assert pkce.matches(other, challenge) == (other == verifier)


@pytest.mark.requirement("COD-03")
@settings(max_examples=tries(100), deadline=None)
@given(text=texts)
def test_s4_1_a_verifier_is_43_to_128_unreserved_letters(text: str) -> None:
    assert pkce.is_verifier(text) == (43 <= len(text) <= 128 and set(text) <= set(UNRESERVED))


@settings(max_examples=tries(100), deadline=None)
@given(challenge=texts)
def test_s4_2_whatever_is_no_challenge_is_met_by_nothing(challenge: str) -> None:
    matching = pkce.matches(VERIFIER, challenge)

    assert matching == (challenge == CHALLENGE)
