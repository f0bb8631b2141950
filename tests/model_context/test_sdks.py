"""The official SDKs of the Model Context Protocol, unmodified, from a challenge to the end of access."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from rescind.domain import clock
from tests.cli.shell import on_sqlite
from tests.document_hosts import DocumentHost
from tests.model_context import in_node
from tests.model_context.in_node import InNode
from tests.model_context.in_python import InPython
from tests.model_context.person import REDIRECT_URI, Person, Refused

# On one store: what a client does is not about the store.
pytestmark = on_sqlite

Client = InPython | InNode
Start = Callable[[str, str | None], Client]


@pytest.fixture
def start(protected_url: str, person: Person, tmp_path: Path) -> Iterator[Start]:
    """Start a client of a package, with the address of its document if it has one."""
    with ExitStack() as stack:

        def start_it(package: str, document: str | None) -> Client:
            if package == "mcp":
                return InPython(protected_url, document, person.answer)
            node = in_node.started(package, protected_url, document, person.answer, tmp_path)
            return stack.enter_context(node)

        yield start_it


@pytest.mark.parametrize("has_document", [True, False], ids=["document", "registration"])
@pytest.mark.parametrize("package", ["mcp", "@modelcontextprotocol/client"], ids=["python", "typescript"])
def test_a_client_brings_itself_works_refreshes_steps_up_and_is_put_out(
    start: Start, package: str, has_document: bool, person: Person, hosted: DocumentHost
) -> None:
    document = hosted.publish(redirect_uris=[REDIRECT_URI]) if has_document else None
    client = start(package, document)

    assert client.call("read") == "the notes of alice"
    assert (client.client_id == document) is has_document

    see_refreshed(client, person)
    assert client.call("write") == "written for alice"
    assert len(person.asked) == 2

    see_put_out(client, person)


def test_a_client_of_the_version_before_works_refreshes_and_is_put_out(start: Start, person: Person) -> None:
    """It does not step up anywhere: where more is asked for than it has, it refreshes, and gives up."""
    client = start("@modelcontextprotocol/sdk", None)

    assert client.call("read") == "the notes of alice"

    see_refreshed(client, person)
    see_put_out(client, person)


def see_refreshed(client: Client, person: Person) -> None:
    """See it go on when its access token has expired, without anybody being asked."""
    asked = len(person.asked)
    clock.set(clock.now() + 700)
    client.notice_the_time()

    assert client.call("read") == "the notes of alice"
    assert len(person.asked) == asked


def see_put_out(client: Client, person: Person) -> None:
    """See that the call after access was removed is refused, unless somebody allows it anew."""
    asked = len(person.asked)
    person.remove_access()
    person.says = "deny"

    with pytest.RaisesGroup(Refused, allow_unwrapped=True, flatten_subgroups=True):
        client.call("read")
    assert len(person.asked) == asked + 1
