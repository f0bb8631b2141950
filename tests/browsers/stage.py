"""A person at a browser, between a client's site and the server."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from rescind.domain import clock
from rescind.domain.people import sessions
from rescind.domain.revoking.epochs import of_subject
from tests.browsers.client_site import CALLBACK, Arrival, ClientSite
from tests.servers import Client, Tenant
from tests.web.pages.asking import account_of, address_of, request
from tests.web.pages.browser import PASSWORD

SCOPE = "openid profile notes offline_access"
SESSION_SECONDS = 30 * 86_400


@dataclass
class Stage:
    """The page of a browser, the tenant with its clients, and the site to which they belong."""

    tenant: Tenant
    site: ClientSite
    page: Page
    made: dict[str, Client] = field(default_factory=dict)

    def client(self, name: str = "Notes", scope: str = SCOPE) -> Client:
        """Give the client of a name: made once."""
        if name not in self.made:
            self.made[name] = self.tenant.new_client(
                is_public=True,
                name=name,
                scope=scope,
                redirect_uris=[self.site.callback],
                post_logout_redirect_uris=[self.site.afterwards],
            )
        return self.made[name]

    def go(self, path: str, **query: str) -> None:
        """Follow a link to the server."""
        self.page.goto(f"{self.tenant.server.base_url}{path}" + (f"?{urlencode(query)}" if query else ""))

    def address(self, client: Client, **changes: str | None) -> str:
        """Give the address of the authorize endpoint with a client's request."""
        asked = {"redirect_uri": self.site.callback, "scope": SCOPE, **changes}
        query = urlencode(request(client, **asked))
        return f"{self.tenant.server.base_url}{address_of(self.tenant)}?{query}"

    @property
    def account(self) -> str:
        """The address of the account page."""
        return f"{self.tenant.server.base_url}{account_of(self.tenant)}"

    def ask(self, client: Client, **changes: str | None) -> None:
        """Follow the link of a client to the authorize endpoint."""
        self.page.goto(self.address(client, **changes))

    def open_account(self) -> None:
        """Go to the account page."""
        self.go(account_of(self.tenant))

    def press(self, button: str) -> None:
        """Press the button that is called exactly so."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def unfold(self, summary: str) -> None:
        """Open what stands folded under these words."""
        self.page.get_by_text(summary, exact=True).click()

    def sign_in(self, password: str = PASSWORD, username: str = "alice") -> None:
        """Fill the sign-in form in."""
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.press("Sign in")

    def sees(self, heading: str) -> None:
        """Wait until the page has this heading."""
        expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()

    def arrives(self, path: str = CALLBACK) -> Arrival:
        """Wait until the person is back at the client's site, and give what came with them to its path."""
        self.sees("Back at Notes")
        return self.site.newest(path)

    def tokens(self, client: Client) -> dict[str, str]:
        """Exchange the code with which the person has arrived."""
        reply = client.exchange(self.arrives().answer["code"], redirect_uri=self.site.callback)
        assert reply.status_code == 200, reply.text
        tokens: dict[str, str] = reply.json()
        return tokens

    def connect(self, client: Client, **changes: str | None) -> dict[str, str]:
        """Let who is signed in allow what a client asks for, and give the client its tokens."""
        self.ask(client, **changes)
        self.press("Allow")
        return self.tokens(client)

    def sign_in_before(
        self, subject: str = "alice", at: int | None = None, browser: str | None = None
    ) -> None:
        """Give the browser a session without a password, which takes long to check."""
        _, cookie = sessions.open_session(
            self.tenant.server.authority,
            self.tenant.record,
            subject,
            subject_epoch=of_subject(self.tenant.server.authority, self.tenant.record.id, subject),
            lifetime_seconds=SESSION_SECONDS,
            auth_time=at or clock.now(),
            user_agent=browser,
        )
        path = f"/t/{self.tenant.name}"
        self.page.context.add_cookies(
            [{"name": "rescind_session", "value": cookie, "domain": "127.0.0.1", "path": path}]
        )
