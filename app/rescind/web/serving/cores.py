"""How many cores this process may use: what the machine has is not what a container is given."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

_ROOT = Path("/")
_CONTROLLERS = ("cpu", "cpu,cpuacct", "cpuacct,cpu")


def count(root: Path = _ROOT) -> int:
    """Give the cores that the scheduler lets this process on, or fewer where its control groups give less.

    Args:
        root: where the system's own files are.
    """
    return max(1, math.ceil(min(_allowed(), *_quotas(root))))


def _allowed() -> int:
    # Not everywhere can a process be bound to a core.
    with suppress(AttributeError, OSError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[float]:
    """Give what each group that the process is in may use, in cores, and infinity."""
    yield math.inf
    groups = ""
    with suppress(OSError):
        groups = (root / "proc/self/cgroup").read_text()
    for line in groups.splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if not controllers:
            yield from _quotas_above(root / "sys/fs/cgroup", path)
        elif controllers in _CONTROLLERS:
            for name in _CONTROLLERS:
                yield from _quotas_above(root / "sys/fs/cgroup" / name, path)


def _quotas_above(mounted: Path, path: str) -> Iterator[float]:
    """Give those of a group and of all around it. In a container the path may be that of outside."""
    parts = PurePosixPath(path).parts[1:]
    for depth in range(len(parts), -1, -1):
        folder = mounted.joinpath(*parts[:depth])
        with suppress(OSError, ValueError, ZeroDivisionError):
            quota, period = (folder / "cpu.max").read_text().split()
            yield int(quota) / int(period)
        with suppress(OSError, ValueError, ZeroDivisionError):
            quota = (folder / "cpu.cfs_quota_us").read_text()
            if int(quota) > 0:
                yield int(quota) / int((folder / "cpu.cfs_period_us").read_text())
