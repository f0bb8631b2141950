"""gunicorn's own log in the form of ours: it writes what it could not read of a request."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from rescind.web.serving.log_lines import take_over
from rescind.web.serving.logs import formatter
from rescind.web.wire.redaction import redact


class RedactingLogger(Logger):
    """The error log as JSON lines; the access log, where it is turned on, as it is formatted; no secrets."""

    def setup(self, cfg: Any) -> None:
        """Set gunicorn's loggers up, and put our formatter behind its error log and what others write."""
        super().setup(cfg)  # type: ignore[no-untyped-call]
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter())
            handler.addFilter(_without_request)
        for handler in self.access_log.handlers:
            handler.addFilter(_redact_message)
        take_over()
        # Nothing of it is in a line of ours, and to find it out costs as much as to write one. In lines
        # of another's formatter, as gunicorn's own is, it may be.
        logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def _without_request(record: logging.LogRecord) -> bool:
    """Keep of what could not be read as a request whose it was; the rest is what came, a secret perhaps."""
    message = record.getMessage()
    if message.startswith("Invalid request from ip="):
        record.msg, record.args = message.partition(": ")[0], ()
    return True


def _redact_message(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), ()
    return True
