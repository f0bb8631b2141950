"""OpenID Connect RP-Initiated Logout 1.0 section 2, at a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browsers.client_site import AFTERWARDS
from tests.browsers.stage import Stage
from tests.servers import Client


@pytest.fixture
def tokens(stage: Stage, notes: Client) -> dict[str, str]:
    """Sign alice in, and give the client tokens that end with her session."""
    stage.sign_in_before()
    return stage.connect(notes, scope="openid notes")


@pytest.mark.requirement("LGO-01")
@pytest.mark.requirement("LGO-02")
def test_a_client_that_knows_who_it_is_signs_them_out_and_gets_them_back(
    stage: Stage, notes: Client, tokens: dict[str, str], resource_server: Client
) -> None:
    stage.go(
        f"/t/{stage.tenant.name}/oidc/logout",
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri=stage.site.afterwards,
        state="sign_out_success",
    )

    arrival = stage.arrives(AFTERWARDS)
    assert arrival.query == "state=sign_out_success"
    assert not resource_server.is_active(tokens["access_token"])
    stage.open_account()
    stage.sees("Sign in")


@pytest.mark.requirement("LGO-02")
@pytest.mark.requirement("LGO-03")
def test_who_is_sent_with_an_address_that_is_not_registered_is_signed_out_here(
    stage: Stage, page: Page, notes: Client, tokens: dict[str, str], resource_server: Client
) -> None:
    stage.go(
        f"/t/{stage.tenant.name}/oidc/logout",
        client_id=notes.client_id,
        post_logout_redirect_uri=f"{stage.site.afterwards}?other",
    )

    stage.press("Sign out")

    stage.sees("Signed out")
    expect(page.get_by_text("there is no way back to Notes")).to_be_visible()
    assert not resource_server.is_active(tokens["access_token"])
    page.get_by_role("link", name="Sign in again").click()
    stage.sees("Sign in")


@pytest.mark.requirement("LGO-03")
def test_without_a_hint_the_person_is_asked_and_may_stay(
    stage: Stage, page: Page, notes: Client, tokens: dict[str, str], resource_server: Client
) -> None:
    stage.go(f"/t/{stage.tenant.name}/oidc/logout", client_id=notes.client_id)

    stage.sees("Sign out?")
    page.get_by_role("link", name="Stay signed in").click()
    stage.sees("Your account")
    assert resource_server.is_active(tokens["access_token"])


@pytest.mark.requirement("LGO-03")
@pytest.mark.requirement("LGO-04")
def test_without_a_hint_the_person_is_asked_and_may_go(
    stage: Stage, notes: Client, tokens: dict[str, str], resource_server: Client
) -> None:
    stage.go(
        f"/t/{stage.tenant.name}/oidc/logout",
        client_id=notes.client_id,
        post_logout_redirect_uri=stage.site.afterwards,
        state="bye",
    )

    stage.press("Sign out")

    arrival = stage.arrives(AFTERWARDS)
    assert arrival.query == "state=bye"
    assert not resource_server.is_active(tokens["access_token"])
    stage.open_account()
    stage.sees("Sign in")
