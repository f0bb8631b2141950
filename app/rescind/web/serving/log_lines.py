"""Everything that a process of the server writes in the one form of its log: a JSON object a line.

What nobody has caught, what Python warns of and what other libraries log would come as text of many lines, in
which what was sent may stand. It goes through the same formatter, which takes secrets out.
"""

import json
import logging
import sys
import threading
from typing import Any

from rescind.errors import RescindError
from rescind.web.serving.logs import formatter

log = logging.getLogger(__name__)


class _Handler(logging.StreamHandler[Any]):
    """Writes to standard error; of a record that can't be written only whose it was."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say that a line is lost; Python would print all that it was to be made of."""
        lost = {"event": "a line of the log could not be written", "level": "error", "logger": record.name}
        self.stream.write(json.dumps(lost) + self.terminator)


def take_over() -> None:
    """Have all that this process writes come as our lines. For the server's own process, and its workers."""
    root = logging.getLogger()
    if not root.handlers:
        handler = _Handler(sys.stderr)
        handler.setFormatter(formatter())
        root.addHandler(handler)
    logging.captureWarnings(True)
    sys.excepthook = _process_died
    threading.excepthook = _thread_died
    sys.unraisablehook = _went_unraised


def _process_died(kind: type[BaseException], error: BaseException, at: Any) -> None:
    if isinstance(error, RescindError):
        log.critical("%s", error)
    elif not isinstance(error, KeyboardInterrupt):
        log.critical("the process died", exc_info=(kind, error, at))


def _thread_died(died: threading.ExceptHookArgs) -> None:
    if died.exc_value is not None and not isinstance(died.exc_value, SystemExit):
        name = died.thread.name if died.thread else "unknown"
        caught = (died.exc_type, died.exc_value, died.exc_traceback)
        log.error("the thread %s died", name, exc_info=caught)


def _went_unraised(lost: "sys.UnraisableHookArgs") -> None:
    if lost.exc_value is not None:
        caught = (lost.exc_type, lost.exc_value, lost.exc_traceback)
        log.error("an error where none can be raised: %s", type(lost.object).__name__, exc_info=caught)
