"""The log of the stand-alone server: one JSON object a line, on standard error, without secrets."""

import logging
import sys
import time
from typing import Any

import flask
import structlog
from flask import Flask, Response

from rescind.web.endpoints.tenancy import admitted_tenant
from rescind.web.wire.redaction import redact
from rescind.web.wire.request_ids import HEADER, request_id

log = logging.getLogger(__name__)


def formatter() -> logging.Formatter:
    """Make what turns a record of any logger into one redacted line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
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
        flask.request.environ["rescind.began"] = time.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id(flask.request))

    @app.after_request
    def end(response: Response) -> Response:
        request = flask.request
        known = {
            "method": request.method if request.method.isalpha() and len(request.method) < 10 else "other",
            "rule": str(request.url_rule) if request.url_rule else None,
            "tenant": admitted_tenant(request),
            "status": response.status_code,
            "milliseconds": round((time.monotonic() - request.environ["rescind.began"]) * 1000, 1),
        }
        log.info("request", extra=known)
        response.headers[HEADER] = request_id(request)
        return response

    @app.teardown_request
    def forget(error: BaseException | None) -> None:
        # What gunicorn writes next in this thread belongs to no request that we know.
        structlog.contextvars.clear_contextvars()
