"""A client made with the official SDK for TypeScript, in Node."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.model_context.person import REDIRECT_URI, Refused
from tests.sdks import node_process
from tests.sdks.node_process import NodeProcess
from tests.sdks.sdks import SdkError


@dataclass
class InNode:
    """A client. Its parts are those of `InPython`."""

    process: NodeProcess
    ask: Callable[[str], str]

    def call(self, tool: str) -> str:
        try:
            told = self.process.order("call", tool)
            if "sentTo" in told:
                self.process.order("finish", self.ask(told["sentTo"]))
                told = self.process.order("call", tool)
        except SdkError as error:
            raise Refused(str(error)) from None
        return str(told["said"])

    @property
    def client_id(self) -> str:
        return str(self.process.order("clientId"))

    def notice_the_time(self) -> None:
        """It refreshes when the server refuses its token."""


@contextmanager
def started(
    package: str, url: str, document: str | None, ask: Callable[[str], str], folder: Path
) -> Iterator[InNode]:
    """Start one of a package: there are two, the one before and the present one."""
    given = {"package": package, "url": url, "document": document, "redirectUri": REDIRECT_URI}
    with node_process.started("model_context.mjs", json.dumps(given), folder) as process:
        yield InNode(process, ask)
