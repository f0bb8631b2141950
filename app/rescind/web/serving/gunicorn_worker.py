"""The worker: gunicorn's threads, with JSON where gunicorn itself refuses a request.

What it could not read of a request, and says why, never gets as far as the application.
"""

import json
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

_BODY = json.dumps({"error": "invalid_request", "error_description": "The request can not be read as HTTP."})


class Worker(ThreadWorker):
    """A `gthread` worker whose own errors are short JSON and repeat nothing that was sent."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that is none."""
        super().handle_error(req, _JsonErrors(client), addr, exc)  # type: ignore[no-untyped-call]


class _JsonErrors:
    """A socket that keeps the status line of the page it is handed, and sends JSON in place of the page."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def sendall(self, page: bytes) -> None:
        """Send the answer."""
        status_line = page.partition(b"\r\n")[0]
        headers = (
            f"Connection: close\r\nContent-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        )
        self._client.sendall(status_line + b"\r\n" + (headers + _BODY).encode())
