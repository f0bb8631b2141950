"""gunicorn's own log in the form of ours: it writes what it could not read of a request."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from rescind.web.logs import formatter
from rescind.web.redaction import redact


class RedactingLogger(Logger):
    """The error log as JSON lines; the access log, where it is turned on, as it is formatted; no secrets."""

    def setup(self, cfg: Any) -> None:
        """Set gunicorn's loggers up, then put our formatter behind its error log."""
        super().setup(cfg)  # type: ignore[no-untyped-call]
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter())
        for handler in self.access_log.handlers:
            handler.addFilter(_redact_message)


def _redact_message(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), ()
    return True
