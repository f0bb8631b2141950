"""RFC 6749 section 3.1.2: redirect URIs that can be registered, and what people are shown of them."""

import contextlib

import pytest

from rescind.domain import uris
from rescind.errors import BadValue
from rescind.store import clients
from tests.servers import Client
from tests.web.pages.asking import ask
from tests.web.pages.browser import Browser


@pytest.mark.requirement("AZ-17")
@pytest.mark.parametrize(
    "redirect_uri", ["/callback", "https://client.example/cb#x", "https:", "javascript:alert(1)"]
)
def test_s3_1_2_such_a_redirect_uri_is_never_registered(redirect_uri: str) -> None:
    with pytest.raises(BadValue):
        uris.redirect_uri(redirect_uri)


def can_be_registered(redirect_uri: str) -> bool:
    """Tell whether a client can have it as a redirect URI."""
    with contextlib.suppress(BadValue):
        return bool(uris.redirect_uri(redirect_uri))
    return False


@pytest.mark.requirement("AZ-17")
@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://accounts.bank.example@evil.example/cb",
        "https://me:secret@client.example/cb",
        "https://@client.example/cb",
        "com.example.notes://me@cb",
        "https://evil.example\\.bank.example/cb",
    ],
)
def test_s3_1_2_what_would_be_shown_as_another_host_is_never_registered(redirect_uri: str) -> None:
    assert not can_be_registered(redirect_uri)


def test_s3_1_2_an_at_sign_behind_the_host_is_none_of_user_information() -> None:
    assert can_be_registered("https://client.example/@me/cb?to=a@b")


@pytest.mark.requirement("AZ-17")
def test_user_information_that_was_registered_before_leads_nobody_anywhere(
    alices: Browser, client: Client
) -> None:
    uri = "https://accounts.bank.example@evil.example/cb"
    record = client.tenant.record
    client.tenant.server.authority.store.transact(
        lambda tx: clients.change(tx, record.id, client.client_id, {"redirect_uris": (uri,)})
    )

    page = ask(alices, client, redirect_uri=uri)

    assert page.status == 400
    assert page.left_for == ""
    assert "bank.example" not in page.text
    assert "evil.example" not in page.text
