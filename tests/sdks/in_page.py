"""Clients that live in a page, in a real browser."""

import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.sdks.people import approve
from tests.sdks.sdks import FOLDER, Given, SdkError, is_refused
from tests.sdks.wired import newest_tokens
from tests.wire import Wire

_SAID = "document.querySelector('output')?.value"


@dataclass
class InPage:
    """A client in a page that has a button for each step, and says in its `<output>` what came of it."""

    page: Page
    given: Given
    wire: Wire

    def sign_in(self) -> None:
        self.page.goto(self.given.redirect_uri)
        self._press("Sign in")
        approve(self.page)
        self.page.wait_for_url(f"{self.given.redirect_uri}**")
        self._told()

    def userinfo(self) -> Any:
        self._press("User info")
        return self._told()

    def refresh(self) -> None:
        self._press("Refresh")
        self._told()

    def revoke(self) -> None:
        self._press("Revoke")
        self._told()

    def introspect(self) -> list[bool]:
        return []

    def has_ended(self) -> bool:
        return is_refused(self.userinfo) and is_refused(self.refresh)

    def sign_out(self) -> None:
        with self.page.expect_navigation(url=self._is_back):
            self._press("Sign out")

    def _is_back(self, address: str) -> bool:
        return address.startswith(self.given.redirect_uri) and "state=" in address

    def _press(self, name: str) -> None:
        self.page.evaluate("document.querySelector('output').value = ''")
        self.page.get_by_role("button", name=name, exact=True).click()

    def _told(self) -> Any:
        # Looks more often than `expect` does.
        text = self.page.wait_for_function(_SAID, polling=20).json_value()
        if text.startswith("failed:"):
            raise SdkError(text)
        return json.loads(text)


class AsgardeoInPage(InPage):
    """The SDK of Asgardeo, which is only asked: after a call that it can't make it signs the person out."""

    def has_ended(self) -> bool:
        return self.page.evaluate("auth.isAuthenticated()") is False


class AsgardeoBrowserInPage(InPage):
    """The successor of that SDK, which has another name for the same question."""

    def has_ended(self) -> bool:
        return self.page.evaluate("auth.isSignedIn()") is False


class OidcClientInPage(InPage):
    """oidc-client-ts, which forgets what it has revoked. A refresh without a token would be a sign-in."""

    def has_ended(self) -> bool:
        kept = self.page.evaluate("manager.getUser().then(user => user.refresh_token)")
        return kept is None and is_refused(self.userinfo)


class InPageWithoutIdToken(InPage):
    """A client that signs people out without an ID token: they are asked."""

    def sign_out(self) -> None:
        self._press("Sign out")
        with self.page.expect_navigation(url=self._is_back):
            self.page.get_by_role("button", name="Sign out", exact=True).click()


class JQuerySample(InPage):
    """The document's sample in a page. It prints the answer, if there is one, and else is silent."""

    def revoke(self) -> None:
        token = newest_tokens(self.wire)["access_token"]
        sample = (FOLDER / "samples" / "jquery.js").read_text()
        script = self.given.filled_in(sample, token=token, token_type="access_token")
        with self.page.expect_console_message(lambda message: message.type == "log") as printed:
            self.page.add_script_tag(content=script)
        if printed.value.text != "":
            raise SdkError(f"the sample printed {printed.value.text!r}")
