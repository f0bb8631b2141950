"""Characters of which nothing is seen, whatever stands beside them."""

import re

# Default_Ignorable_Code_Point of Unicode, which is wider than its category of format characters: fillers of
# Hangul and vowels of Khmer are letters, selectors of variants are marks. Behind them the blank of Braille.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\u2800]"
)


def has_unseen(text: str) -> bool:
    """Tell whether a text holds such a character."""
    return _UNSEEN.search(text) is not None


def without_unseen(text: str) -> str:
    """Give a text without such characters."""
    return _UNSEEN.sub("", text)
