"""A page as a browser would build it: which elements and attributes there are, and what is only text."""

from html.parser import HTMLParser

from rescind.web.pages.signing_in import SHOW_PASSWORD

# A whole element, the end of an attribute, the end of an attribute in the other quotes, the end of a style.
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</style></title><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% include 'x' %}&lt;b&gt;",
]
_ELEMENTS = {
    *["html", "head", "meta", "title", "link", "style", "body", "header", "main", "section", "footer", "nav"],
    *[
        "h1",
        "h2",
        "h3",
        "p",
        "strong",
        "code",
        "ul",
        "li",
        "dl",
        "dt",
        "dd",
        "time",
        "a",
        "div",
        "span",
        "img",
    ],
    *["form", "input", "label", "button", "small", "bdi", "noscript", "details", "summary"],
}
# The scripts there are: one answers a client by a form, one shows a password as it is typed.
SENDS = "document.forms[0].submit()"
SCRIPTS = {SENDS, SHOW_PASSWORD}


class Markup(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        (self.scripts if self.cdata_elem == "script" else self.texts).append(data)

    def shows(self, text: str) -> bool:
        """Tell whether it shows a text, or holds it in a field, to the letter."""
        return any(text in each for each in [*self.texts, *(value for _, value in self.attributes)])

    @property
    def dangers(self) -> list[str]:
        """What no page of ours has: other elements, handlers, styles of an element, addresses with code."""
        handlers = [name for name, _ in self.attributes if name.startswith("on") or name == "style"]
        code = [
            value
            for name, value in self.attributes
            if name in {"href", "src", "action", "formaction"}
            and value.strip().lower().startswith("javascript:")
        ]
        scripts = [script for script in self.scripts if script not in SCRIPTS]
        return [*sorted(self.elements - _ELEMENTS - {"script"}), *scripts, *handlers, *code]


def markup(text: str) -> Markup:
    """Read a page."""
    return Markup(text)
