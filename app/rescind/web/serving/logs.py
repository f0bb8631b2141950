"""The log of the stand-alone server: one JSON object a line, on standard error, without secrets."""

import json
import logging
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Flask, Request, Response

from rescind.errors import RescindError
from rescind.web.endpoints.tenancy import admitted_tenant
from rescind.web.wire.bodies import present
from rescind.web.wire.redaction import redact
from rescind.web.wire.request_ids import echo, request_id

log = logging.getLogger(__name__)

_BEGAN = "rescind.began"
# RFC 9110 section 9.3, and RFC 5789.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
# Of the request that this thread is at, for whatever else is logged meanwhile.
_current: ContextVar[str | None] = ContextVar("rescind_request_id", default=None)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Writes a record as one redacted line; one that brings its line ready is left as it is."""

    def format(self, record: logging.LogRecord) -> str:
        """Write it."""
        ready: str | None = getattr(record, "line", None)
        return super().format(record) if ready is None else ready


def formatter() -> logging.Formatter:
    """Make what turns a record of any logger into one redacted line."""
    shared: list[Any] = [
        _with_request_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return _Formatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _with_sentence,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
            lambda logger, name, line: redact(str(line)),
        ],
    )


def set_up(level: str) -> None:
    """Send the log to standard error. What the root logger has already is left as it is."""
    logger = logging.getLogger("rescind")
    logger.setLevel(level.upper())
    if not any(isinstance(handler, logging.StreamHandler) for handler in logger.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(formatter())
        logger.addHandler(handler)
        logger.propagate = False
    # At DEBUG it writes tokens as they are.
    logging.getLogger("authlib").setLevel(logging.INFO)


def log_requests(app: Flask) -> None:
    """Write a line for each request: what it was, what came of it, how long it took.

    Nothing that the client chose is in it but the request id: of the address only the rule that it matched,
    and the tenant's name where there is such a tenant.
    """

    @app.before_request
    def begin() -> None:
        request = present()
        request.environ[_BEGAN] = time.monotonic()
        _current.set(request_id(request))

    @app.after_request
    def end(response: Response) -> Response:
        request = present()
        if log.isEnabledFor(logging.INFO):
            log.handle(_record(request, response.status_code))
        return echo(request, response)

    @app.teardown_request
    def forget(error: BaseException | None) -> None:
        # What gunicorn writes next in this thread belongs to no request that we know.
        _current.set(None)


def _record(request: Request, status: int) -> logging.LogRecord:
    """Make the record of a request with its line, which holds nothing that would have to be redacted.

    It is written here and not by the formatter: that costs a good part of a whole revocation.
    """
    known = {
        "event": "request",
        "request_id": request_id(request),
        "level": "info",
        "logger": __name__,
        "method": request.method if request.method in _METHODS else "other",
        "rule": str(request.url_rule) if request.url_rule else None,
        "tenant": admitted_tenant(request),
        "status": status,
        "milliseconds": round((time.monotonic() - request.environ[_BEGAN]) * 1000, 1),
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    record = logging.LogRecord(__name__, logging.INFO, __file__, 0, "request", None, None)
    record.line = json.dumps(known)
    return record


def _with_sentence(logger: Any, name: str, event: Any) -> Any:
    """Write of an error of ours what it says, and not where it came from: it was meant."""
    caught = event.get("exc_info")
    if isinstance(caught, tuple) and isinstance(caught[1], RescindError):
        del event["exc_info"]
        event["exception"] = str(caught[1])
    return event


def _with_request_id(logger: Any, name: str, event: Any) -> Any:
    known = _current.get()
    if known is not None:
        event.setdefault("request_id", known)
    return event
