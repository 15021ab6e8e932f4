"""Content ids: a content id is the SHA-256 of a block list; a block list is the SHA-256 of each 1-MiB block.

One hash pass over a file gives everything: the same block check serves stick, resume, neighbour and
repair. A block list is binary, 32 bytes a block, in order; an empty file has no id.
"""

from __future__ import annotations

import hashlib
from typing import Final

from estation_wire.errors import MalformedError, TooLargeError

BLOCK_BYTES: Final = 1024 * 1024
DIGEST_BYTES: Final = 32
MAX_BLOCKS: Final = 65536  # 64 GiB: a video of the house profile never comes near


def content_id(block_list: bytes) -> str:
    """The content id of the file whose block list is given, in hex."""
    return hashlib.sha256(block_list).hexdigest()


def block_count(size: int) -> int:
    """The number of blocks of a file of ``size`` bytes; the last one may be short."""
    return -(-size // BLOCK_BYTES)


def digest(block: bytes | bytearray | memoryview) -> bytes:
    """The 32 bytes that stand for one block."""
    return hashlib.sha256(block).digest()


def split(block_list: bytes, *, content: str, size: int) -> tuple[bytes, ...]:
    """The digests of a block list, proved against the signed ``content`` id and ``size``.

    Raises `MalformedError` where the list is not the one that was signed, `TooLargeError` above the limit.
    """
    blocks = block_count(size)
    if blocks > MAX_BLOCKS:
        what = "blocks"
        raise TooLargeError(what, blocks, MAX_BLOCKS)
    if len(block_list) != blocks * DIGEST_BYTES or content_id(block_list) != content:
        msg = f"block list of {content[:12]}… is not the one that was signed"
        raise MalformedError(msg)
    return tuple(block_list[at : at + DIGEST_BYTES] for at in range(0, len(block_list), DIGEST_BYTES))
