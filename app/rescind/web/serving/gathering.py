"""What has come of a request so far, and whether that is all of it (RFC 9112 sections 3, 6 and 7.1).

It is only told where a request ends, to know when a thread is worth it. Whether it is one, the parser says:
what looks wrong here is handed to it at once, to be refused. What has come is not looked at again: a client
that sends a byte at a time makes little more work than the same bytes in one piece.
"""

import re

# Of a body; what is longer is for the application, which may take large uploads.
MOST_BYTES = 64 * 1024
LONGEST_REQUEST_LINE = 64 * 1024
# Of all headers together, which gunicorn bounds one by one.
MOST_HEADER_BYTES = 64 * 1024
MOST_HEADERS = 100
# With what is said between them: gunicorn copies for each chunk all that comes behind it.
MOST_CHUNKS = 1000
_LONGEST_CHUNK_LINE = 80
_MOST_TRAILER_BYTES = 8190
_LONGEST_LINE = 8190
_HEAD_ENDS = b"\r\n\r\n"
_BEGINS = re.compile(rb"(?:\r\n)?(?:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}(?: |$)|\r?$)")
_FIRST_LINE = re.compile(rb"(?:\r\n)?[^\r\n]+ HTTP/1\.[01]\r\n|PROXY [^\r\n]+\r\n")
_LENGTHS = re.compile(rb"\r\ncontent-length[ \t]*:([^\r\n]*)", re.IGNORECASE)
_CODINGS = re.compile(rb"\r\ntransfer-encoding[ \t]*:([^\r\n]*)", re.IGNORECASE)
_ASKS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")


class Gathered:
    """The bytes of one request, as they come.

    Attributes:
        announced_bytes: how long its body is by what it has said itself; in chunks, at least.
        is_unreadable: whether it can't be told where its body ends. It is no request, whatever a parser says.
    """

    def __init__(self) -> None:
        self.announced_bytes = 0
        self.is_unreadable = False
        self._bytes = bytearray()
        # How far lines were counted, and where the first ends.
        self._counted = 0
        self._feeds = 0
        self._line_ends = 0
        self._first_ends = 0
        self._body_at = 0
        self._is_in_chunks = False
        self._asks = False
        # Where the next chunk begins.
        self._chunk_at = 0
        self._chunks = 0

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, received: bytes) -> None:
        """Take what came."""
        looked_at = max(0, len(self._bytes) - len(_HEAD_ENDS) + 1)
        self._bytes += received
        if not self._body_at:
            ends = self._bytes.find(_HEAD_ENDS, looked_at)
            if ends >= 0:
                self._body_at = self._chunk_at = ends + len(_HEAD_ENDS)
                self._read_head(bytes(self._bytes[: self._body_at]))

    def begins(self, line: bytes) -> bool:
        """Tell whether it begins with this."""
        return self._bytes.startswith(line)

    def all(self) -> bytes:
        """Give all that came."""
        return bytes(self._bytes)

    @property
    def has_head(self) -> bool:
        """Whether all of its headers are there."""
        return self._body_at > 0

    @property
    def is_too_large(self) -> bool:
        """Whether its body has announced to be longer than what is gathered."""
        return self.announced_bytes > MOST_BYTES

    @property
    def is_whole(self) -> bool:
        """Whether nothing more has to come before somebody looks at it."""
        if not self.has_head:
            return self._is_none()
        if self.is_unreadable or self.is_too_large:
            return True
        if self._is_in_chunks:
            return self._has_last_chunk()
        return len(self._bytes) - self._body_at >= self.announced_bytes

    def asks_to_go_on(self) -> bool:
        """Tell, once, whether the client waits for a word before it sends the body (RFC 9110 section 10)."""
        asks, self._asks = self._asks, False
        return asks

    def _read_head(self, head: bytes) -> None:
        lengths = [length.strip(b" \t") for length in _LENGTHS.findall(head)]
        codings = [coding.strip(b" \t").lower() for coding in _CODINGS.findall(head)]
        self._asks = _ASKS.search(head) is not None
        self._is_in_chunks = codings == [b"chunked"]
        if codings:
            self.is_unreadable = not self._is_in_chunks or bool(lengths)
        elif lengths:
            self.is_unreadable = len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0])
            self.announced_bytes = 0 if self.is_unreadable else int(lengths[0])

    def _is_none(self) -> bool:
        """Tell whether this can't become the head of a request any more, or only one that is too large."""
        self._count()
        if not self._first_ends:
            return len(self._bytes) > LONGEST_REQUEST_LINE + 4 or not _BEGINS.match(self._bytes)
        if self._feeds != self._line_ends or self.is_unreadable:
            return True
        unfinished = len(self._bytes) - self._bytes.rfind(b"\n", -_LONGEST_LINE - 3)
        is_large = len(self._bytes) - self._first_ends > MOST_HEADER_BYTES or self._feeds > MOST_HEADERS + 3
        return is_large or unfinished > _LONGEST_LINE + 2

    def _count(self) -> None:
        counted, self._counted = self._counted, len(self._bytes)
        self._feeds += self._bytes.count(b"\n", counted)
        self._line_ends += self._bytes.count(b"\r\n", max(0, counted - 1))
        if not self._first_ends:
            self._first_ends = max(0, self._bytes.find(b"\n", max(2, counted)))
            self.is_unreadable = self._first_ends > 0 and not _FIRST_LINE.match(self._bytes)

    def _has_last_chunk(self) -> bool:
        while self._chunk_at < len(self._bytes):
            until = self._chunk_at + _LONGEST_CHUNK_LINE
            ends = self._bytes.find(b"\r\n", self._chunk_at, until)
            if ends < 0:
                self.is_unreadable = len(self._bytes) >= until or b"\n" in self._bytes[self._chunk_at :]
                return self.is_unreadable
            size = _CHUNK.fullmatch(self._bytes, self._chunk_at, ends)
            if size is None or self._chunks >= MOST_CHUNKS:
                self.is_unreadable = True
                return True
            if int(size[1], 16) == 0:
                return self._has_trailers(ends)
            self.announced_bytes += int(size[1], 16)
            if self.is_too_large:
                return True
            self._chunks += 1
            self._chunk_at = ends + 2 + int(size[1], 16) + 2
        return False

    def _has_trailers(self, begin: int) -> bool:
        until = begin + _MOST_TRAILER_BYTES
        has_end = self._bytes.find(_HEAD_ENDS, begin, until) >= 0
        self.is_unreadable = not has_end and len(self._bytes) >= until
        return has_end or self.is_unreadable
