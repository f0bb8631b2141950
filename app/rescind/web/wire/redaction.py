"""What must never be in a log, taken out of each line before it is written.

The server writes none of this on purpose. But the text of an exception, or a line of another library, may
hold what a request held.
"""

import re

_MARK = "[redacted]"

# A word may stand behind what is a line break in JSON.
_WORD = r"(?:\b|(?<=\\[nrt]))"
# Our own tokens, secrets and codes are found by their prefix; credentials by what stands before them.
_SHAPES = (
    (re.compile(r"(r(?:at|rt|ac|cs|it|ct|dc|pt)_)[A-Za-z0-9_-]{8,}"), rf"\1{_MARK}"),
    (re.compile(_WORD + r"(eyJ)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)+"), rf"\1{_MARK}"),
    (re.compile(r"(?i)" + _WORD + r"(basic|bearer) +[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {_MARK}"),
    (
        re.compile(
            r"(?i)"
            + _WORD
            + r"(client_secret|client_assertion|access_token|refresh_token|token|code|code_verifier"
            r"|device_code|user_code|password|secret|rescind_(?:session|browser)(?:_[A-Za-z0-9._~-]+)?)"
            r"((?:[\"'\\]*\s*[:=]\s*[\"'\\]*)|%3D)[^\s\"'&,;\\]{6,}"
        ),
        rf"\1\2{_MARK}",
    ),
    (re.compile(r"(://[^/:@\s\"']*:)[^@\s\"']+@"), rf"\1{_MARK}@"),
)


def redact(line: str) -> str:
    """Take out of a line all that looks like a token, a secret, a code or a password."""
    for shape, replacement in _SHAPES:
        line = shape.sub(replacement, line)
    return line
