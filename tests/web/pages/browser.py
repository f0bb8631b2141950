"""A browser as the pages need one: it keeps cookies, follows links and redirects here, and sends forms.

It stops at a redirect to another origin and keeps it: that is where a client would take over.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import httpx


@dataclass
class Form:
    """A form of a page: where it goes, its hidden and filled fields, and its submit buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)

    def filled(self, button: str | None = None, **fields: str) -> dict[str, str]:
        """Fill it in and press the button with this value, the first one if none is named."""
        pressed = next(each for each in self.buttons if button in (None, each.get("value")))
        named = {pressed["name"]: pressed["value"]} if "name" in pressed else {}
        return {**self.fields, **named, **fields}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._is_posted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_posted = given["method"] == "post"
            if self._is_posted:
                self.forms.append(Form(given["action"]))
        if not self._is_posted:
            return
        if tag == "input" and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        if tag == "button":
            self.forms[-1].buttons.append(given)


class Page:
    """What the browser shows after it has followed the redirects of this server."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.text

    @property
    def forms(self) -> list[Form]:
        """Its forms that are posted, in their order."""
        parser = _Forms()
        parser.feed(self.text)
        return parser.forms

    def form(self, action: str) -> Form:
        """Give the first form that goes to an address with this end."""
        return next(form for form in self.forms if form.action.endswith(action))

    @property
    def left_for(self) -> str:
        """The address of another origin to which the browser was sent; empty where it was not."""
        return str(self.response.headers.get("Location", ""))

    @property
    def answer(self) -> dict[str, str]:
        """The parameters that a client finds in the address to which the browser was sent."""
        return dict(parse_qsl(urlsplit(self.left_for).query))


class Browser:
    """One browser with its cookies."""

    def __init__(self, http: httpx.Client, base_url: str) -> None:
        self.http = http
        self._base_url = base_url

    def open(self, address: str, parameters: dict[str, str] | None = None) -> Page:
        """Go to an address."""
        return self._followed(self.http.get(address, params=parameters))

    def send(self, form: Form, button: str | None = None, **fields: str) -> Page:
        """Fill a form in, press a button and follow."""
        return self.post(form.action, form.filled(button, **fields))

    def post(self, address: str, fields: dict[str, str]) -> Page:
        """Send fields, as a form or as a page of somebody else's would."""
        return self._followed(self.http.post(address, data=fields))

    def sign_in(self, page: Page, username: str = "alice", password: str = "") -> Page:
        """Fill the sign-in form of a page in."""
        return self.send(page.form("/sign-in"), username=username, password=password or PASSWORD)

    def cookie(self, name: str) -> str:
        """Give the value of a cookie; empty where there is none."""
        return self.http.cookies.get(name) or ""

    def _followed(self, response: httpx.Response) -> Page:
        for _ in range(5):
            location = response.headers.get("Location", "")
            if not location.startswith(("/", self._base_url)):
                break
            response = self.http.get(location)
        return Page(response)


PASSWORD = "a long enough password of alice's"
