"""What this process has lately fetched of clients' documents: bounded, and in no store.

Any URL can be asked for by anybody. So the oldest of the same host go first, and then the oldest of all.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rescind.errors import DocumentRefused, DocumentUnavailable

if TYPE_CHECKING:
    from rescind.domain.registry.documents import Document

MOST_KEPT = 256
MOST_OF_HOST = 16


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document could not be had, without what an exception holds on to.

    Attributes:
        text: of a document that is refused; None where it was not to be had.
    """

    text: str | None

    @classmethod
    def of(cls, error: DocumentRefused | DocumentUnavailable) -> "Failure":
        """Keep an error."""
        return cls(str(error) if isinstance(error, DocumentRefused) else None)

    def error(self) -> DocumentRefused | DocumentUnavailable:
        """Make the error anew."""
        return DocumentUnavailable() if self.text is None else DocumentRefused(self.text)


class DocumentMemory:
    """Documents and failures by their URL, each until a time of the store's clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Document | Failure, int]] = OrderedDict()

    def find(self, url: str, now: int) -> "Document | Failure | None":
        """Give what came of a URL, as long as that is good; of a document, for how much longer it is."""
        with self._lock:
            found, until = self._kept.get(url, (None, 0))
        if found is None or now >= until:
            return None
        return found if isinstance(found, Failure) else replace(found, relied_on_seconds=until - now)

    def keep(self, url: str, what: "Document | Failure", until: int) -> None:
        """Keep what came of a URL, in the place of what was kept of it before."""
        with self._lock:
            self._kept.pop(url, None)
            host = urlsplit(url).hostname
            of_host = [each for each in self._kept if urlsplit(each).hostname == host]
            if len(of_host) >= MOST_OF_HOST:
                del self._kept[of_host[0]]
            elif len(self._kept) >= MOST_KEPT:
                self._kept.popitem(last=False)
            self._kept[url] = what, until
