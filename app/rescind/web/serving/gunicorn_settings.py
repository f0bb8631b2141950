"""The settings of gunicorn as measured best: `-c python:rescind.web.serving.gunicorn_settings`.

Most of a revocation is waiting for the commit, and commits that wait together are written together; so few
workers with many threads each. A worker keeps as many connections to the store as it has threads.
"""

import os
from typing import Any

from gunicorn.errors import HaltServer

from rescind.settings import Settings
from rescind.web.serving import cores, descriptors, gathering, maintenance, memory

worker_class = "rescind.web.serving.gunicorn_worker.Worker"
workers = cores.count()
_pool_size = os.environ.get("RESCIND_POOL_SIZE", "")
# Of one that is wrong the application says so.
threads = int(_pool_size) if _pool_size.isdecimal() and int(_pool_size) else Settings().pool_size
# The store's connections come first.
worker_connections = descriptors.connections(threads)
# Clients keep their connections; setting one up costs more than the request.
keepalive = 75
timeout = 30
# More than we take, so that people are told by a page what is wrong.
limit_request_line = gathering.LONGEST_REQUEST_LINE
limit_request_fields = gathering.MOST_HEADERS
graceful_timeout = 15
# Every address that is written is made from the public URL, so no header may say where a request came in.
# Of itself gunicorn believes a peer on this machine, and lets its SCRIPT_NAME header change the path.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# gunicorn's own format has the query, where a client that is in error puts tokens.
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'
accesslog = None
errorlog = "-"
logger_class = "rescind.web.serving.gunicorn_logger.RedactingLogger"
# A socket in the home folder that all servers of a user share and by which any of them can be stopped.
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Have a start that is refused end once, and not in the middle for each worker that refuses it."""
    descriptors.obtain()
    reap, refused = server.reap_workers, list[HaltServer]()

    def reap_workers() -> None:
        try:
            reap()
        except HaltServer as error:
            if not refused:
                refused.append(error)
                raise

    server.reap_workers = reap_workers


def post_worker_init(worker: Any) -> None:
    """Make a worker ready that has loaded the application."""
    memory.settle()
    maintenance.start_in_worker(worker)
