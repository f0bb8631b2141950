"""What has come of a request so far, and whether that is all of it (RFC 9112 sections 3, 6 and 7.1).

It is only told where a request ends, to know when a thread is worth it. Whether it is one, the parser says:
what looks wrong here is handed to it at once, to be refused.
"""

import re

# Of a body; what is longer is for the application, which may take large uploads.
MOST_BYTES = 64 * 1024
LONGEST_REQUEST_LINE = 64 * 1024
# Of all headers together, which gunicorn bounds one by one.
MOST_HEADER_BYTES = 64 * 1024
MOST_HEADERS = 100
_LONGEST_LINE = 8190
_HEAD_ENDS = b"\r\n\r\n"
_BEGINS = re.compile(rb"(?:\r\n)?(?:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}(?: |$)|\r?$)")
_FIRST_LINE = re.compile(rb"(?:\r\n)?[^\r\n]+ HTTP/1\.[01]\r\n|PROXY [^\r\n]+\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_LENGTHS = re.compile(rb"\r\ncontent-length[ \t]*:", re.IGNORECASE)
_IN_CHUNKS = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*\bchunked[ \t]*\r\n", re.IGNORECASE)
_ASKS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")


class Gathered:
    """The bytes of one request, as they come.

    Attributes:
        announced_bytes: how long a body in chunks is at least, by what it has said itself.
    """

    def __init__(self) -> None:
        self.announced_bytes = 0
        self._bytes = bytearray()
        self._body_at = 0
        # Where the next chunk begins.
        self._chunk_at = 0
        self._has_asked = False

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, received: bytes) -> None:
        """Take what came."""
        self._bytes += received

    def begins(self, line: bytes) -> bool:
        """Tell whether it begins with this."""
        return self._bytes.startswith(line)

    def all(self) -> bytes:
        """Give all that came."""
        return bytes(self._bytes)

    @property
    def has_head(self) -> bool:
        """Whether all of its headers are there."""
        if not self._body_at:
            self._body_at = self._bytes.find(_HEAD_ENDS) + len(_HEAD_ENDS)
            if self._body_at < len(_HEAD_ENDS):
                self._body_at = 0
            self._chunk_at = self._body_at
        return self._body_at > 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing more has to come before somebody looks at it."""
        if not self.has_head:
            return self._is_none()
        lengths = len(_LENGTHS.findall(self._bytes, 0, self._body_at))
        if _IN_CHUNKS.search(self._bytes, 0, self._body_at):
            return lengths > 0 or self._has_last_chunk()
        if lengths > 1:
            return True
        length = _LENGTH.search(self._bytes, 0, self._body_at)
        announced = int(length[1]) if length else 0
        return announced > MOST_BYTES or len(self._bytes) - self._body_at >= announced

    def asks_to_go_on(self) -> bool:
        """Tell, once, whether the client waits for a word before it sends the body (RFC 9110 section 10)."""
        if self._has_asked or not self.has_head or not _ASKS.search(self._bytes, 0, self._body_at):
            return False
        self._has_asked = True
        return True

    def _is_none(self) -> bool:
        """Tell whether this can't become the head of a request any more, or only one that is too large."""
        ends = self._bytes.find(b"\n", 2)
        if ends < 0:
            return len(self._bytes) > LONGEST_REQUEST_LINE + 4 or not _BEGINS.match(self._bytes)
        lines = self._bytes.count(b"\n")
        if lines != self._bytes.count(b"\r\n") or not _FIRST_LINE.match(self._bytes):
            return True
        unfinished = len(self._bytes) - self._bytes.rfind(b"\n")
        is_large = len(self._bytes) - ends > MOST_HEADER_BYTES or lines > MOST_HEADERS + 3
        return is_large or unfinished > _LONGEST_LINE + 2

    def _has_last_chunk(self) -> bool:
        while self._chunk_at < len(self._bytes):
            ends = self._bytes.find(b"\r\n", self._chunk_at)
            if ends < 0:
                line = self._bytes[self._chunk_at :]
                return len(line) > _LONGEST_LINE or b"\n" in line
            size = _CHUNK.fullmatch(self._bytes, self._chunk_at, ends)
            if size is None:
                return True
            if int(size[1], 16) == 0:
                return self._bytes.find(_HEAD_ENDS, ends) >= 0 or len(self._bytes) - ends > MOST_BYTES
            self.announced_bytes += int(size[1], 16)
            if self.announced_bytes > MOST_BYTES:
                return True
            self._chunk_at = ends + 2 + int(size[1], 16) + 2
        return False
