"""Which addresses a client may register: what the standards name, and nothing else."""

from collections.abc import Callable

import pytest

from rescind.domain import names, uris
from rescind.errors import BadValue

Check = Callable[[str], str]
OF_PEOPLE = {
    "https": "https://client.example/callback?tab=%2F1",
    "https with a port": "https://client.example:8443/cb",
    "https at an address": "https://203.0.113.7/cb",
    "loopback": "http://127.0.0.1:3000/",
    "loopback of IPv6": "http://[::1]/cb",
    "localhost": "http://localhost:3000/",
    "https with a host of a cluster": "https://my_app.internal/cb",
    "https at an address of IPv6": "https://[2001:db8::7]:8443/cb",
    "an app's own scheme": "com.example.notes:/cb",
    "an app's own scheme with a host": "com.example.notes://cb",
}
OF_NOBODY = {
    "no scheme": "/callback",
    "a fragment": "https://client.example/cb#x",
    "a space": "https://client.example/c b",
    "a backslash": "https://accounts.example\\@evil.example/",
    "quotation marks": 'https://client.example/"',
    "not ASCII": "https://cli\u0131ent.example/",
    "a user name": "https://accounts.bank.example@evil.example/",
    "an empty user name": "https://@evil.example/",
    "a password": "https://name:password@client.example/",
    "http": "http://client.example/cb",
    "http at another address of the machine": "http://127.0.0.2/cb",
    "http at a name that begins so": "http://localhost.evil.example/",
    "a comma in the host": "https://client.example,evil.example/cb",
    "a semicolon in the host": "https://client.example;evil.example/cb",
    "a percent in the host": "https://client%2eexample/cb",
    "nothing between two dots": "https://client..example/cb",
    "no such port": "https://client.example:99999/cb",
    "link-local": "https://169.254.169.254/latest",
    "link-local with a dot behind": "https://169.254.169.254./latest",
    "link-local as one number": "https://2852039166/",
    "link-local in hexadecimal": "https://0xa9fea9fe/",
    "link-local in octal": "https://0251.0376.0251.0376/",
    "link-local of IPv6": "https://[fe80::1]/",
    "link-local of IPv6 with a zone": "https://[fe80::1%25eth0]/",
    "link-local in IPv6": "https://[::ffff:169.254.169.254]/",
    "link-local by a translator": "https://[64:ff9b::a9fe:a9fe]/",
}
OF_OTHERS = ["javascript:alert(1)", "data:text/html,x", "mailto:eve@evil.example", "intent://x/#Intent;end"]
OF_OTHERS += [
    "view-source:https://client.example/",
    "notes:/cb",
    "file:///etc/passwd",
    "ftp://client.example/",
    "javascript.:alert(1)",
    "javascript..x:alert(1)",
]
both = pytest.mark.parametrize("check", [uris.redirect_uri, uris.backchannel_uri], ids=["people", "messages"])


def refusal(check: Check, value: str) -> str:
    """Give the sentence with which a value is refused; nothing where it is not."""
    try:
        check(value)
    except BadValue as error:
        return str(error)
    return ""


@pytest.mark.parametrize("uri", OF_PEOPLE.values(), ids=OF_PEOPLE)
def test_what_the_standards_name_may_be_registered(uri: str) -> None:
    assert uris.redirect_uri(uri) == uri


@both
@pytest.mark.parametrize("uri", OF_NOBODY.values(), ids=OF_NOBODY)
def test_an_address_that_means_something_else_to_somebody_is_refused(check: Check, uri: str) -> None:
    assert "URI" in refusal(check, uri)


@both
@pytest.mark.parametrize("uri", OF_OTHERS)
def test_a_scheme_that_is_somebody_elses_is_refused(check: Check, uri: str) -> None:
    assert "URI" in refusal(check, uri)


@pytest.mark.parametrize("uri", ["com.example.notes:/cb", "ws://127.0.0.1/"])
def test_a_message_is_posted_by_http(uri: str) -> None:
    assert "https" in refusal(uris.backchannel_uri, uri)


@pytest.mark.parametrize("check", [names.display_name, names.username], ids=["client", "person"])
@pytest.mark.parametrize("name", ["Shop\u202egnp", "\u2067Shop", "Sh\u200fop", "Shop\u061c"])
def test_a_name_that_people_are_shown_does_not_turn_the_direction_of_writing(check: Check, name: str) -> None:
    assert "direction" in refusal(check, name)


@pytest.mark.parametrize("name", ["متجر", "חנות", "Käse & Söhne", "店"])
def test_a_name_may_be_written_in_any_language(name: str) -> None:
    assert names.display_name(name) == name
