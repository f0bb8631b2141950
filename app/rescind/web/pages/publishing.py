"""What people are told of a client that no operator has registered: who publishes it, who gets the answer."""

from typing import Any
from urllib.parse import urlsplit

from rescind.domain.registry.documents import DOCUMENT
from rescind.protocol.rfc6749_authorize import ReturnAddress
from rescind.protocol.rfc8252_native_apps import is_answered_on_this_machine
from rescind.store.records import ClientRecord


def told(client: ClientRecord, address: ReturnAddress) -> dict[str, Any]:
    """Give the host that publishes a client, if its id says so, and whether to warn of who gets the answer.

    The host stands in ASCII, whatever it looks like. On the person's own machine any program could be the one
    that gets the answer.
    """
    is_published = client.provenance == DOCUMENT
    return {
        "documented_host": urlsplit(client.client_id).netloc if is_published else None,
        "is_answered_here": client.provenance is not None
        and is_answered_on_this_machine(address.redirect_uri),
    }
