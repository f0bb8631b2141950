"""What stands in a refresh token, so that no row is kept for each.

The grant that it belongs to, its number in the order of rotations, 256 random bits (of a successor: derived
from the token before it), and a mark: a MAC over all of these, under a key of ours. The token that is good
now, and the one before it, are known by their digests, which the grant has. One of before these is known by
its mark, and by its number it is seen to have been used.

So whoever has the store and the key can make a mark, but no token that is good: its digest would not be the
grant's. What they could make is an older token, by which a grant ends.
"""

import hmac
import struct
from collections.abc import Sequence

from rescind.domain.spelling import mac, spell, unspell

PREFIX = "rrt_"
VALUE_BYTES = 32
MARK_BYTES = 16
_HEAD = struct.Struct(">16sI")
_SIZE = _HEAD.size + VALUE_BYTES + MARK_BYTES


def spelled(key: bytes, grant_id: str, generation: int | None, value: bytes) -> str:
    """Write a refresh token.

    Args:
        key: for the mark.
        grant_id: 32 hexadecimal digits.
        generation: the number of rotations before it; None for one that has a row of its own, as long as
            workers are left that know no other.
        value: 32 bytes that nobody can guess.
    """
    if generation is None:
        return spell(PREFIX, value)
    content = _HEAD.pack(bytes.fromhex(grant_id), generation) + value
    return spell(PREFIX, content + _mark(key, content))


def read(keys: Sequence[bytes], token: str) -> tuple[str, int | None] | None:
    """Read which grant a refresh token names and, where one of the keys has marked it, its number.

    Returns:
        None for a string that is no refresh token of this form.
    """
    content = unspell(PREFIX, token, _SIZE)
    if content is None:
        return None
    grant_id, generation = _HEAD.unpack_from(content)
    marked, mark = content[:-MARK_BYTES], content[-MARK_BYTES:]
    is_ours = any([hmac.compare_digest(_mark(key, marked), mark) for key in keys])
    return grant_id.hex(), generation if is_ours else None


def _mark(key: bytes, content: bytes) -> bytes:
    return mac(key, content)[:MARK_BYTES]
