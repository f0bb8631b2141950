"""The body of a request, read once and never cut.

Werkzeug cuts a chunked body at its limit and parses what it has: a form would lose its end in silence.
"""

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from rescind.web.replies import ProblemError

MOST_BYTES = 64 * 1024


def read_body(request: Request) -> bytes:
    """Read the body.

    Raises:
        ProblemError: 413, it is longer than `MOST_BYTES`; 400, its framing is broken or its end never came.
    """
    if (request.content_length or 0) > MOST_BYTES:
        raise ProblemError(413)
    # One more than is allowed, so that a body that was cut is told from one that just fits.
    request.max_content_length = MOST_BYTES + 1
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        raise ProblemError(413) from None
    except Exception:
        # Each server has an error of its own for a chunk that is none, or a connection that ends too early.
        raise ProblemError(400) from None
    if len(body) > MOST_BYTES:
        raise ProblemError(413)
    if len(body) < (request.content_length or 0):
        raise ProblemError(400)
    return body
