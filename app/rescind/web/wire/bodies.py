"""The body of a request, read once and never cut.

Werkzeug cuts a chunked body at its limit and parses what it has: a form would lose its end in silence.
"""

import io
from urllib.parse import urlencode

import flask
from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from rescind.web.wire.replies import ProblemError

MOST_BYTES = 64 * 1024
READ = "rescind.body"


def present() -> Request:
    """Give the request of this thread itself. Flask's own name for it looks it up anew for each attribute."""
    request: Request = flask.request._get_current_object()  # type: ignore[attr-defined]
    return request


def read_body(request: Request) -> bytes:
    """Read the body; asked again, give the same.

    Raises:
        ProblemError: 413, it is longer than `MOST_BYTES`; 400, its framing is broken or its end never came.
    """
    read: bytes | ProblemError | None = request.environ.get(READ)
    if read is None:
        try:
            read = _read(request)
        except ProblemError as problem:
            read = problem
            _leave_nothing(request)
        request.environ[READ] = read
    if isinstance(read, ProblemError):
        raise read
    return read


def _read(request: Request) -> bytes:
    # Of a body in chunks, the worker of ours knows what it has announced.
    announced = getattr(request.environ.get("wsgi.input"), "announced_bytes", 0)
    if (request.content_length or announced) > MOST_BYTES:
        raise ProblemError(413)
    if "form" in vars(request):
        return _written_again(request)
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


def _leave_nothing(request: Request) -> None:
    """Let the host find an empty body, as it would fail on this one too, with an answer of its own."""
    request.environ.update({"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"})
    vars(request).pop("stream", None)


def _written_again(request: Request) -> bytes:
    """Write a form again that the host has parsed before us, which has used the body up.

    Raises:
        ProblemError: 400, it held bytes that are not UTF-8, for which the parser has put a mark; or it had
            no length, and so may have been cut.
    """
    if request.content_length is None:
        raise ProblemError(400)
    pairs = list(request.form.items(multi=True))
    if any("\ufffd" in name + value for name, value in pairs):
        raise ProblemError(400)
    return urlencode(pairs).encode()
