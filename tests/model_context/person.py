"""A person with a browser, to whom clients send what they want allowed."""

from dataclasses import dataclass, field

from tests.web.pages.browser import Browser

# As programs on a person's machine have one; nobody listens there, since the browser stops before it.
REDIRECT_URI = "http://localhost:33418/callback"


class Refused(Exception):
    """The client was not let in: it says so itself."""


@dataclass
class Person:
    """Alice, who signs in and answers what she is asked.

    Attributes:
        says: her answer: `allow` or `deny`.
        asked: what she was asked to allow: the text of each page.
    """

    browser: Browser
    account: str
    says: str = "allow"
    asked: list[str] = field(default_factory=list)

    def answer(self, address: str) -> str:
        """Follow a client's address through the pages, and give where it has led to."""
        page = self.browser.open(address)
        if any(form.action.endswith("/sign-in") for form in page.forms):
            page = self.browser.sign_in(page)
        self.asked.append(page.text)
        return self.browser.send(page.form("/consent"), self.says).left_for

    def remove_access(self) -> None:
        """Take back on the account page what was allowed."""
        account = self.browser.open(self.account)
        self.browser.send(account.form("/remove-access"))
