"""How long tests wait: no machine is too slow for what has to come true, and a promise has its seconds.

What a promise takes on a machine with nothing else to do is longer on one that others use. So the seconds of
a promise are stretched by how busy this one is, and by nothing where it is free.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

# For what comes true sooner or later, or else the code is wrong.
LONG_SECONDS = 60.0
_LOAD = Path("/proc/loadavg")


def allowed(seconds: float) -> float:
    """Stretch the seconds of a promise by how many processes share each processor just now."""
    return seconds * max(1.0, max(os.getloadavg()[0], _running()) / (os.cpu_count() or 1))


def wait_until(condition: Callable[[], bool], seconds: float = LONG_SECONDS) -> None:
    """Wait for something to come true."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.02)


def _running() -> int:
    """Count the processes that would run now; the average of the load is late by a minute."""
    return int(_LOAD.read_text().split()[3].partition("/")[0]) if _LOAD.exists() else 0
