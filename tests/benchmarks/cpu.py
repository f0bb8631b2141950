"""How much CPU time processes have used."""

import contextlib

import psutil  # type: ignore[import-untyped]


def seconds_of(pid: int) -> float:
    """Give the CPU time of a process and of all that it started, also of those that have ended."""
    root = psutil.Process(pid)
    total = 0.0
    for process in [root, *root.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total
