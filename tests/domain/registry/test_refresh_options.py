"""What can be set for refresh tokens: in the words of the command line, or as values."""

import pytest

from rescind.domain.registry.refresh_options import CHECKS, described, usable
from rescind.errors import BadValue

ALL_SET = {"refresh_grace_seconds": 0, "on_reuse": "refuse", "is_rotating": False}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("refresh_grace_seconds", value) for value in ("1801", "-1", "1.5", "", "\N{SUPERSCRIPT TWO}")),
        *(("refresh_grace_seconds", value) for value in (1801, -1, 1.5, True, None)),
        *(("on_reuse", value) for value in ("", "keep", True)),
        *(("is_rotating", value) for value in ("", "false", 0, None)),
    ],
)
def test_what_it_can_not_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(BadValue):
        CHECKS[name](value)


def test_words_and_values_mean_the_same() -> None:
    words = {"refresh_grace_seconds": "0", "on_reuse": "refuse", "is_rotating": "off"}

    assert {name: CHECKS[name](word) for name, word in words.items()} == usable(ALL_SET) == ALL_SET
    assert described(0, "refuse", False) == {
        "refresh_grace_seconds": 0,
        "on_reuse": "refuse",
        "rotation": "off",
    }


def test_the_word_default_takes_away() -> None:
    assert [check("default") for check in CHECKS.values()] == [None] * 3
