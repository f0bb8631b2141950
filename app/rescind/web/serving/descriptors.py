"""How many files and connections this process may have open at once, and who gets them."""

import resource
from contextlib import suppress

# What gunicorn has of itself, and more than one worker needs.
_MOST_CONNECTIONS = 1000
_MOST_DESCRIPTORS = 4096
# Of SQLite: the file, its log, and the memory that is shared.
_EACH_THREAD = 4
_ELSEWHERE = 64


def connections(threads: int) -> int:
    """Give how many clients a worker may have, so that each of its threads can still open the store."""
    return max(threads + 1, min(_MOST_CONNECTIONS, _obtainable() - threads * _EACH_THREAD - _ELSEWHERE))


def obtain() -> None:
    """Take what we may have: many systems give a process less to begin with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _obtainable():
        # Some systems have a limit beyond the limit.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (_obtainable(), hard))


def _obtainable() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    return most if soft == resource.RLIM_INFINITY else max(soft, most)
