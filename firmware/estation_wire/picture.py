"""A film's small picture, for who chooses it at the TV: 320x180 points of at most 256 colours. Pure.

A box draws it without a decoder of photographs: ``EPIC`` and a one, then zlib's stream of the palette (256 colours of
blue, green, red, alpha) and the points, row by row. The first bytes of a real one: ``45 50 49 43 01 78 da``.
"""

from __future__ import annotations

import zlib
from typing import Final, NamedTuple

from estation_wire.errors import MalformedError, TooLargeError

WIDTH: Final = 320
HEIGHT: Final = 180
PALETTE_BYTES: Final = 1024
LIMIT_BYTES: Final = 64 * 1024  # the worst that zlib makes of it is 58,650
_HEAD: Final = b"EPIC\x01"
_POINTS: Final = WIDTH * HEIGHT


class Picture(NamedTuple):
    """The palette, four bytes a colour, and a byte for each point."""

    palette: bytes
    points: bytes


def encode(picture: Picture) -> bytes:
    """The picture as a file."""
    return _HEAD + zlib.compress(picture.palette + picture.points, 9)


def decode(raw: bytes) -> Picture:
    """The picture in a file; raises `TooLargeError` or `MalformedError`, and nothing else."""
    what = "picture"
    if len(raw) > LIMIT_BYTES:
        raise TooLargeError(what, len(raw), LIMIT_BYTES)
    whole = PALETTE_BYTES + _POINTS
    inflate = zlib.decompressobj()
    try:
        plain = inflate.decompress(raw[len(_HEAD) :], whole + 1) if raw.startswith(_HEAD) else b""
    except zlib.error:
        plain = b""
    if len(plain) != whole or not inflate.eof:
        msg = f"{what}: not one of ours, or not whole"
        raise MalformedError(msg)
    return Picture(plain[:PALETTE_BYTES], plain[PALETTE_BYTES:])


def scaled(picture: Picture, width: int, height: int) -> bytes:
    """The picture with ``width`` times ``height`` points as blue, green, red, alpha; the nearest point is taken."""
    across = [x * WIDTH // width for x in range(width)]
    rows: dict[int, bytes] = {}
    points = bytearray()
    for y in range(height):
        row = y * HEIGHT // height
        if row not in rows:
            line = picture.points[row * WIDTH : (row + 1) * WIDTH]
            rows[row] = bytes([line[x] for x in across])
        points += rows[row]
    out = bytearray(4 * len(points))
    for plane in range(3):
        out[plane::4] = points.translate(picture.palette[plane::4])
    out[3::4] = b"\xff" * len(points)
    return bytes(out)
