"""A server of the Model Context Protocol, made with the official SDK for Python kept by `rescind.guard`."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn
from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.settings import AuthSettings
from pydantic import AnyHttpUrl
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rescind.guard import Guard
from rescind.guard.mcp import TokenVerifier
from tests.patience import LONG_SECONDS

READ, WRITE = "notes", "notes.write"


@dataclass(frozen=True)
class Place:
    """Where a server listens, taken before there is one: its tokens are meant for its address."""

    listener: socket.socket

    @property
    def url(self) -> str:
        """The address, which is the resource too."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/mcp"


@contextlib.contextmanager
def taken() -> Iterator[Place]:
    """Take a free port, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Place(listener)


class WritingNeedsMore(BaseHTTPMiddleware):
    """Refuse the tool `write` to a token without its scope, as a server with scopes by tool does.

    The SDK has one set of scopes for the whole server. Who steps up has to be told which scope is missing
    (RFC 6750 section 3.1).
    """

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        if WRITE in request.auth.scopes or b'"write"' not in await request.body():
            return await call_next(request)
        challenge = f'Bearer error="insufficient_scope", scope="{READ} {WRITE}"'
        return JSONResponse({"error": "insufficient_scope"}, 403, {"WWW-Authenticate": challenge})


@contextlib.contextmanager
def running(place: Place, guard: Guard) -> Iterator[None]:
    """Run the server in a thread."""
    server = MCPServer(
        "notes",
        token_verifier=TokenVerifier(guard),
        auth=AuthSettings(
            issuer_url=AnyHttpUrl(guard.issuer),
            resource_server_url=AnyHttpUrl(place.url),
            required_scopes=[READ],
            validate_token_resource=True,
        ),
    )

    @server.tool()
    def read() -> str:
        """Read the notes of whoever asks."""
        return f"the notes of {_subject()}"

    @server.tool()
    def write() -> str:
        """Write a note for whoever asks."""
        return f"written for {_subject()}"

    app = server.streamable_http_app(json_response=True, stateless_http=True)
    # The last one: whose token it is has been found out then.
    app.user_middleware.append(Middleware(WritingNeedsMore))
    with _in_a_thread(uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on")), place.listener):
        yield


def _subject() -> str | None:
    token = get_access_token()
    return token.subject if token else None


@contextlib.contextmanager
def _in_a_thread(server: uvicorn.Server, listener: socket.socket) -> Iterator[None]:
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(LONG_SECONDS)
