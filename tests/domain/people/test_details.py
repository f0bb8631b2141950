"""What may be said of a user."""

from typing import Any

import pytest

from rescind.domain.people import claims
from rescind.domain.people.details import checked
from rescind.errors import BadValue


def nested(levels: int) -> dict[str, Any]:
    """Give an object in an object, and so on."""
    return {"in": nested(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"claims": {"sub": "mallory"}}, "The claim sub is not for a person"),
        ({"claims": {"aud": ["other"]}}, "The claim aud is not for a person"),
        ({"claims": {"email_verified": True}}, "The claim email_verified has an option of its own"),
        ({"claims": {"long": "x" * claims.MAXIMUM_BYTES}}, "16384 bytes of JSON at most"),
        ({"claims": nested(9)}, "nested 8 deep at most"),
        ({"claims": {"lone": "\ud800"}}, "their text is Unicode"),
        ({"email": "no address"}, "An e-mail address is name@host"),
        ({"phone": "call me"}, "A phone number is digits"),
        ({"picture": "http://pictures.example/"}, "The address of a picture is https"),
        ({"display_name": "Alice\u202eecilA"}, "the direction of writing"),
    ],
    ids=["sub", "aud", "verified", "long", "deep", "surrogate", "email", "phone", "picture", "name"],
)
def test_what_is_no_detail_is_refused(details: dict[str, Any], said: str) -> None:
    with pytest.raises(BadValue, match=said):
        checked(details)
