"""RFC 6749 section 3.2 and appendix B: out of a body comes what the client put in, or nothing does."""

from collections.abc import Mapping
from urllib.parse import quote_from_bytes, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rescind.protocol.forms import CLIENT_PARAMETERS, MEDIA_TYPE, MOST_PARAMETERS, TOKEN_PARAMETERS, read_form
from rescind.protocol.rfc6749_errors import InvalidRequest

RECOGNISED = CLIENT_PARAMETERS | TOKEN_PARAMETERS
PLAIN = frozenset(b"ABCXYZabcxyz0123456789-._~*\"'<>/:;,\\ \x7f\x01") - {0x20}

names = st.sampled_from(sorted(RECOGNISED))
values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)
white_space = st.text(" \t\n\r\u00a0", max_size=3)
bad_bytes = st.sampled_from([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\0"])


def read(body: bytes, content_type: str = MEDIA_TYPE, query: str = "") -> Mapping[str, str]:
    """Read a form of the revocation endpoint."""
    return read_form(body, content_type, query, RECOGNISED)


def outcome(body: bytes, query: str = "") -> Mapping[str, str] | None:
    """Read a form; None where it is refused."""
    try:
        return read(body, query=query)
    except InvalidRequest:
        return None


def is_text(value: bytes) -> bool:
    """Tell whether bytes are UTF-8 without NUL."""
    return value.decode("utf-8", "ignore").encode() == value and b"\0" not in value


def as_read(name: str, value: str) -> str:
    """Give what a value is read as: of a token the white space around it is none, unless there is no more."""
    return (value.strip() or value) if name == "token" else value


@st.composite
def spelled(draw: st.DrawFn, value: bytes) -> bytes:
    """Spell bytes for a body: each as it is where that is possible, or percent-encoded, in either case."""
    ways = [
        [f"%{byte:02X}".encode(), f"%{byte:02x}".encode()]
        + [bytes([byte])] * (byte in PLAIN)
        + [b"+"] * (byte == 0x20)
        for byte in value
    ]
    return b"".join(draw(st.sampled_from(way)) for way in ways)


@given(st.data(), st.binary(min_size=1, max_size=30))
def test_however_bytes_are_spelled_they_come_out_as_they_are_or_are_refused(
    data: st.DataObject, value: bytes
) -> None:
    body = b"token=" + data.draw(spelled(value))

    form = outcome(body)

    assert (form is not None) == is_text(value)
    assert form is None or form["token"] == as_read("token", value.decode())


@given(names, values, values)
def test_two_different_values_never_become_one(name: str, one: str, other: str) -> None:
    assume(as_read(name, one) != as_read(name, other))

    forms = [read(f"{name}={quote_plus(value)}".encode())[name] for value in (one, other)]

    assert forms == [as_read(name, one), as_read(name, other)]


@given(values, white_space, white_space)
def test_white_space_around_a_token_is_none_of_it(value: str, before: str, behind: str) -> None:
    assume(value.strip())

    form = read(f"token={quote_plus(before + value + behind)}".encode())

    assert form == {"token": value.strip()}


@given(bad_bytes, names)
def test_bytes_that_are_no_text_are_refused_in_every_value(bad: bytes, name: str) -> None:
    form = outcome(f"{name}=({quote_from_bytes(bad)}(".encode())

    assert form is None


@given(bad_bytes)
def test_bytes_that_are_no_text_are_refused_in_a_name(bad: bytes) -> None:
    form = outcome(f"token=x&({quote_from_bytes(bad)}(=y".encode())

    assert form is None


@given(st.binary(max_size=30), bad_bytes)
def test_raw_bytes_that_are_no_text_are_refused(rest: bytes, bad: bytes) -> None:
    form = outcome(b"token=" + rest + b"(" + bad + b"(")

    assert form is None


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused_and_nothing_else(body: bytes) -> None:
    form = outcome(body)

    assert form is None or all(form.values())
    assert form is None or "\0" not in "".join([*form, *form.values()])


@given(st.dictionaries(names, values, min_size=1))
def test_what_is_encoded_comes_out_in_full(parameters: dict[str, str]) -> None:
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in parameters.items())

    form = read(body.encode())

    assert form == {name: as_read(name, value) for name, value in parameters.items()}


@given(names, values, values)
def test_s3_2_a_recognised_parameter_that_comes_twice_is_refused(name: str, one: str, other: str) -> None:
    body = f"{name}={quote_plus(one)}&x=y&{name}={quote_plus(other)}"

    with pytest.raises(InvalidRequest):
        read(body.encode())


@pytest.mark.parametrize(
    "body", [b"token=x&token", b"token=&token=x", b"tok%65n=x&token=x", b"token=x&&token="]
)
def test_s3_2_twice_is_twice_also_where_one_is_empty_or_spelled_otherwise(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read(body)


@pytest.mark.parametrize("body", [b"", b"&", b"token", b"token=", b"=x&token=", b"token=&client_id"])
def test_s3_2_an_empty_value_counts_as_omitted(body: bytes) -> None:
    form = read(body)

    assert not RECOGNISED & set(form)


@pytest.mark.parametrize("body", [b"token=a=b", b"token=a%3Db", b"x=1&x=2&token=a=b", b"token=a=b&"])
def test_only_the_first_equals_sign_and_the_ampersand_divide(body: bytes) -> None:
    form = read(body)

    assert form["token"] == "a=b"


def test_a_semicolon_does_not_divide() -> None:
    form = read(b"token=a;client_id=b")

    assert form == {"token": "a;client_id=b"}


@given(names, values, st.data())
def test_s2_3_1_a_parameter_in_the_query_is_refused_however_it_is_spelled(
    name: str, value: str, data: st.DataObject
) -> None:
    query = data.draw(spelled(name.encode())).decode("latin-1")

    with pytest.raises(InvalidRequest):
        read(b"token=x", query=f"a=b&{query}={quote_plus(value)}")


@given(st.binary(max_size=60))
def test_any_query_is_passed_or_refused_and_nothing_else(query: bytes) -> None:
    form = outcome(b"token=x", query.decode("latin-1"))

    assert form in ({"token": "x"}, None)


@pytest.mark.parametrize("query", ["", "utm_source=x", "%FF=%00", "=token", "x=token", "Token=x", "&&"])
def test_a_query_without_a_known_parameter_changes_nothing(query: str) -> None:
    form = outcome(b"token=x", query)

    assert form == {"token": "x"}


@given(st.text("aplicton/x-wfmurd;= ", max_size=40))
def test_another_media_type_is_refused(content_type: str) -> None:
    assume(content_type.partition(";")[0].strip().lower() != MEDIA_TYPE)

    with pytest.raises(InvalidRequest):
        read(b"token=x", content_type)


def test_the_number_of_parameters_is_bounded() -> None:
    most = b"&".join([b"token=x", *[b"a=b"] * (MOST_PARAMETERS - 1)])

    with pytest.raises(InvalidRequest):
        read(most + b"&a=b")
    assert read(most)["token"] == "x"
