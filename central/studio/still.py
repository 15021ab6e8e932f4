"""A picture for words that have none: the house's ground, as a PNG that no other words make. Pure.

A box sets the words over it in its place's language. The words stand in the file, too, so that each card has a content
id of its own.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

import msgspec

from studio.source import ItemSource

WIDTH: Final = 1280
HEIGHT: Final = 720
GROUND: Final = bytes((0x0E, 0x1B, 0x24))  # the night of the box's own cards
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def picture(item: ItemSource) -> bytes:
    """The card's PNG."""
    words = msgspec.json.encode((item.form, item.titles, item.texts, item.link), order="deterministic")
    rows = (b"\0" + GROUND * WIDTH) * HEIGHT
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)),
            _chunk(b"iTXt", b"Words\0\0\0\0\0" + words),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Length, kind, data, check sum, as ``00 00 00 00 49 45 4e 44 ae 42 60 82`` of an empty `IEND`."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
