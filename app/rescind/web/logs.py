"""The log of the stand-alone server: one JSON object a line, on standard error."""

import logging
import sys
from typing import Any

import structlog


def set_up() -> None:
    """Send the log to standard error. What the root logger has already is left as it is."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )
    logger = logging.getLogger("rescind")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(formatter)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    # At DEBUG it writes tokens as they are.
    logging.getLogger("authlib").setLevel(logging.INFO)
