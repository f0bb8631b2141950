"""For resource servers in Python: is this token active, and meant for us? Without Flask, and with no cache.

`Guard` asks the server by introspection (RFC 7662), each time anew, so a token is refused from its
revocation on. `rescind.guard.mcp` and `rescind.guard.fastmcp` are for servers of the Model Context Protocol.
"""

from rescind.guard.introspecting import Guard as Guard
from rescind.guard.introspecting import GuardError as GuardError
from rescind.guard.introspecting import NotTold as NotTold
from rescind.guard.tokens import ActiveToken as ActiveToken

__all__ = ["ActiveToken", "Guard", "GuardError", "NotTold"]
