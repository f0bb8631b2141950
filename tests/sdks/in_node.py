"""Clients that live in Node, and take the browser for the sign-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests import node_packages
from tests.sdks import node_process
from tests.sdks.node_process import NodeProcess
from tests.sdks.people import approve
from tests.sdks.sdks import FOLDER, Given, SdkError, is_refused
from tests.sdks.wired import newest_tokens
from tests.wire import Wire


@dataclass
class InNode:
    """A client in Node that takes its orders from standard input."""

    page: Page
    given: Given
    wire: Wire
    folder: Path
    process: NodeProcess

    def sign_in(self) -> None:
        self.page.goto(self._order("authorize"))
        approve(self.page)
        self.page.wait_for_url(f"{self.given.redirect_uri}**")
        self._order("callback", self.page.url)

    def userinfo(self) -> Any:
        return self._order("userinfo")

    def refresh(self) -> None:
        self._order("refresh")

    def revoke(self) -> None:
        self._order("revoke")

    def introspect(self) -> list[bool]:
        return [bool(answer) for answer in self._order("introspect")]

    def has_ended(self) -> bool:
        return is_refused(self.userinfo) and is_refused(self.refresh)

    def sign_out(self) -> None:
        self.page.goto(self._order("signOut"))

    def _order(self, step: str, value: str | None = None) -> Any:
        return self.process.order(step, value)


class AxiosSample(InNode):
    """The document's sample, run as it stands. It prints the body as JSON, or else the error."""

    def revoke(self) -> None:
        token = newest_tokens(self.wire)["access_token"]
        sample = (FOLDER / "samples" / "axios.cjs").read_text()
        script = self.folder / "sample.cjs"
        script.write_text(self.given.filled_in(sample, token=token, token_type="access_token"))
        done = node_packages.run(script)
        if (done.returncode, done.stdout) != (0, '""\n'):
            raise SdkError(f"the sample printed {done.stdout} {done.stderr}")


@contextmanager
def started(
    script: str, page: Page, given: Given, wire: Wire, folder: Path, kind: type[InNode] = InNode
) -> Iterator[InNode]:
    """Start a client in a folder that has the packages, as an app's own folder has."""
    with node_process.started(script, given.as_json(), folder) as process:
        yield kind(page, given, wire, folder, process)
