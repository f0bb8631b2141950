"""What a person does at the pages, in a real browser."""

from playwright.sync_api import Cookie, Page, expect

from tests.web.pages.browser import PASSWORD

USERNAME = "alice"
EMAIL = "alice@example.com"
# What a client is told that signs people in by their address, as Grafana and oauth2-proxy do.
TOLD: dict[str, object] = {"sub": USERNAME, "email": EMAIL, "email_verified": True}


def approve(page: Page) -> None:
    """Sign in and allow what the client asks for."""
    page.get_by_label("Username").fill(USERNAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Allow", exact=True).click()


def see_signed_in(account: Page) -> list[Cookie]:
    """See on the account page that the browser has a session. Gives the cookies that make it one."""
    account.reload()
    expect(account.get_by_role("heading", name="Your account")).to_be_visible()
    return account.context.cookies()


def see_signed_out(account: Page, stolen: list[Cookie]) -> None:
    """See that the account page asks who is there, also with the cookies of before the sign-out."""
    account.context.add_cookies(
        [
            {"name": each["name"], "value": each["value"], "domain": each["domain"], "path": each["path"]}
            for each in stolen
        ]
    )
    account.reload()
    expect(account.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
