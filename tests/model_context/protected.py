"""The servers of the Model Context Protocol that the manual shows, over HTTP."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from mcp.server.auth.middleware.auth_context import get_access_token
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests import node_packages, servers
from tests.documents import MANUAL
from tests.patience import LONG_SECONDS

READ, WRITE = "notes", "notes.write"


@dataclass(frozen=True)
class Place:
    """Where a server listens, taken before there is one: its tokens are meant for its address."""

    listener: socket.socket
    port: int

    @property
    def url(self) -> str:
        """The address, which is the resource too."""
        return f"http://127.0.0.1:{self.port}/mcp"


@contextlib.contextmanager
def taken() -> Iterator[Place]:
    """Take a free port, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Place(listener, listener.getsockname()[1])


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


def of_manual(name: str) -> dict[str, Any]:
    """Run a block of the manual that begins with the name of its file, and give what it has made."""
    blocks = MANUAL["resource-servers"].blocks("py")
    (text,) = (block.text for block in blocks if block.text.startswith(f"# {name}.py\n"))
    made: dict[str, Any] = {"__name__": name}
    exec(compile(text, f"{name}.py", "exec"), made)
    return made


@contextlib.contextmanager
def running(place: Place, name: str = "notes_of_mcp") -> Iterator[None]:
    """Run a server of the manual in a thread; that of the official SDK with a tool that needs more."""
    made = of_manual(name)
    app = made["application"]
    if name == "notes_of_mcp":
        made["server"].add_tool(write)
        # The last one: whose token it is has been found out then.
        app.user_middleware.append(Middleware(WritingNeedsMore))
    with _in_a_thread(uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on")), place.listener):
        yield


@contextlib.contextmanager
def running_in_node(place: Place, folder: Path) -> Iterator[None]:
    """Run the server that the manual shows for Node, in the place of one here."""
    (text,) = (block.text for block in MANUAL["resource-servers"].blocks("js"))
    (folder / "notes.mjs").write_text(text)
    (folder / "node_modules").symlink_to(node_packages.MODULES)
    place.listener.close()
    command = [node_packages.node(), folder / "notes.mjs"]
    known = {"PORT": str(place.port)}
    with servers.running(command, f"http://127.0.0.1:{place.port}", folder / "log", known):
        yield


def write() -> str:
    """Write a note for whoever asks."""
    token = get_access_token()
    return f"written for {token.subject if token else None}"


@contextlib.contextmanager
def _in_a_thread(server: uvicorn.Server, listener: socket.socket) -> Iterator[None]:
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(LONG_SECONDS)
