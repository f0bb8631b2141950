"""OpenID Connect Back-Channel Logout 1.0 section 2.4: the logout token, as a client's library reads it."""

import pytest
from joserfc.jwt import Token

from rescind.domain.registry import clients
from rescind.domain.revoking.selectors import Subject
from rescind.protocol import openid_connect_core
from tests.domain.revoking.logouts import NOW, deliver, revoke, sign_in_to, sign_out
from tests.protocol.id_tokens import signed_in, verified
from tests.receivers import Receiver
from tests.servers import Client, Tenant


def received(tenant: Tenant, receiver: Receiver) -> Token:
    """Deliver the one logout token there is, and verify it with the published keys."""
    (token,) = all_received(tenant, receiver)
    return token


def all_received(tenant: Tenant, receiver: Receiver) -> list[Token]:
    """Deliver the logout tokens there are, and verify them."""
    deliver(tenant)
    return [verified(tenant, each) for each in receiver.tokens]


@pytest.mark.requirement("BCL-01")
def test_s2_4_it_says_which_session_of_which_subject_has_ended(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    sid = sign_in_to(listener)
    sign_out(tenant, sid)

    token = received(tenant, receiver)

    jti = token.claims.pop("jti")
    assert token.header["typ"] == "logout+jwt"
    assert token.header["alg"] == "RS256"
    assert token.claims == {
        "iss": tenant.issuer,
        "aud": listener.client_id,
        "iat": NOW,
        "exp": NOW + 120,
        "sub": "alice",
        "sid": sid,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    assert len(jti) >= 20


@pytest.mark.requirement("BCL-01")
def test_s2_4_of_a_subject_whose_sessions_have_all_ended_it_names_none(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    sign_in_to(listener)
    revoke(tenant, Subject(tenant.name, "alice"))

    token = received(tenant, receiver)

    assert token.claims["sub"] == "alice"
    assert "sid" not in token.claims


@pytest.mark.requirement("BCL-01")
def test_s2_2_a_client_that_tells_sessions_apart_gets_the_sid_alone(
    tenant: Tenant, receiver: Receiver
) -> None:
    client = tenant.new_client(
        scope="openid read",
        backchannel_logout_uri=receiver.uri,
        backchannel_logout_session_required=True,
    )
    sid = sign_in_to(client)
    sign_out(tenant, sid)

    token = received(tenant, receiver)

    assert token.claims["sid"] == sid
    assert "sub" not in token.claims


@pytest.mark.requirement("BCL-01")
def test_s2_2_such_a_client_gets_each_session_that_ended_with_all_of_the_subject(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    clients.update(
        tenant.server.authority,
        tenant.record,
        listener.client_id,
        backchannel_logout_session_required=True,
    )
    sids = [sign_in_to(listener), sign_in_to(listener)]
    sign_in_to(tenant.new_client(scope="openid read"))
    sign_in_to(listener, subject="bob")
    revoke(tenant, Subject(tenant.name, "alice"))
    # A session of later goes on.
    sign_in_to(listener)

    tokens = all_received(tenant, receiver)

    assert [(each.claims["sid"], "sub" in each.claims) for each in tokens] == [(sid, False) for sid in sids]


@pytest.mark.requirement("BCL-01")
def test_s2_4_such_a_client_gets_the_subject_of_what_it_was_given_without_a_session(
    tenant: Tenant, receiver: Receiver
) -> None:
    client = tenant.new_client(backchannel_logout_uri=receiver.uri, backchannel_logout_session_required=True)
    client.issue("alice")
    revoke(tenant, Subject(tenant.name, "alice"))

    token = received(tenant, receiver)

    assert token.claims.get("sub") == "alice"
    assert "sid" not in token.claims


@pytest.mark.requirement("BCL-01")
def test_s2_4_its_sid_is_the_one_of_the_id_token(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    sid = tenant.new_session("alice")
    id_token = verified(tenant, signed_in(listener, session_sid=sid)["id_token"])
    sign_out(tenant, sid)

    token = received(tenant, receiver)

    assert token.claims["sid"] == id_token.claims["sid"]
    assert token.claims["sub"] == id_token.claims["sub"]


@pytest.mark.requirement("BCL-02")
def test_s2_4_one_that_is_sent_again_has_a_jti_and_an_expiry_of_its_own(
    tenant: Tenant, listener: Client, receiver: Receiver
) -> None:
    receiver.answer(500)
    sign_out(tenant, sign_in_to(listener))
    deliver(tenant)
    deliver(tenant, at=NOW + 300)

    first, second = (verified(tenant, each).claims for each in receiver.tokens)

    assert first["jti"] != second["jti"]
    assert (first["exp"], second["exp"]) == (NOW + 120, NOW + 420)


@pytest.mark.requirement("BCL-01")
def test_s2_4_it_does_not_pass_as_an_id_token(tenant: Tenant, listener: Client, receiver: Receiver) -> None:
    sign_out(tenant, sign_in_to(listener))
    deliver(tenant)
    (logout_token,) = receiver.tokens

    read = openid_connect_core.read_hint(
        tenant.server.authority, tenant.record.id, tenant.issuer, logout_token
    )

    assert read is None
    assert "nonce" not in verified(tenant, logout_token).claims
