"""Frames between the Pi and the supervisor: one file for both machines, CPython and MicroPython.

A frame on the line, 115,200 baud 8N1::

    00 | COBS(version u8, kind u8, number u16, payload 0..240, CRC-32 of all that) | 00

with little-endian numbers, always one COBS block. The zero in front ends whatever noise came before. A real frame:
BEAT number 7, playing, the film at 61,000 ms, no pause asked for::

    00 04 01 02 07 04 01 48 ee 01 01 01 05 d3 29 05 18 00

Nothing here raises for what came in: what is no frame is dropped and counted. What a payload means stands in
`supervisor_words`. No dataclass, no typing, no msgspec: MicroPython has none of them.
"""

from binascii import crc32
from struct import pack_into, unpack_from

VERSION = 1
"""A frame of another version is dropped and counted: field firmware is not updated, another form is another board."""

MAX_PAYLOAD = 240
"""Bytes; with head and checksum a frame stays below 254, one COBS block."""

_HEAD = 4
_CHECK = 4
_LONGEST_BLOCK = MAX_PAYLOAD + _HEAD + _CHECK + 1


class Frame:
    """One frame that came whole: ``kind`` 0..255, ``number`` 0..65535 as the sender counted, ``payload`` bytes."""

    def __init__(self, kind: int, number: int, payload: bytes) -> None:
        self.kind = kind
        self.number = number
        self.payload = payload


def encode(kind: int, payload: bytes = b"", number: int = 0) -> bytes:
    """The bytes for the line, zeros at both ends. Raises `ValueError` where the payload is too long.

    ``number`` lets the other side see that frames were lost; it is taken modulo 65,536.
    """
    if len(payload) > MAX_PAYLOAD:
        fault = f"{len(payload)} bytes, a frame carries {MAX_PAYLOAD}"
        raise ValueError(fault)
    plain = bytearray(_HEAD + len(payload) + _CHECK)
    pack_into("<BBH", plain, 0, VERSION, kind, number & 0xFFFF)
    plain[_HEAD : _HEAD + len(payload)] = payload
    end = len(plain) - _CHECK
    pack_into("<I", plain, end, crc32(bytes(plain[:end])) & 0xFFFFFFFF)
    return b"\0" + stuffed(plain) + b"\0"


class Decoder:
    """Finds the frames in a stream of bytes, however it is cut. Holds at most one frame's bytes.

    ``dropped`` counts what stood between zeros and was no frame; it stops at 2**30 - 1, a small number of MicroPython.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._block = bytearray()
        self._too_long = False

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that end within ``data``, oldest first. Never raises."""
        found: list[Frame] = []
        start = 0
        while True:
            end = data.find(b"\0", start)
            if end < 0:
                self._take(data[start:])
                return found
            self._take(data[start:end])
            start = end + 1
            frame = self._ended()
            if frame is not None:
                found.append(frame)

    def _take(self, part: bytes) -> None:
        """Keep a part of a block, and nothing of one that is longer than any frame."""
        if self._too_long or len(self._block) + len(part) > _LONGEST_BLOCK:
            self._too_long = True
            self._block = bytearray()
        else:
            self._block += part

    def _ended(self) -> Frame | None:
        block, too_long = self._block, self._too_long
        if not block and not too_long:
            return None  # two zeros in a row: the end of one frame, the beginning of the next
        self._block = bytearray()
        self._too_long = False
        frame = None if too_long else _parsed(block)
        if frame is None:
            self.dropped = min(self.dropped + 1, 0x3FFFFFFF)
        return frame


def _parsed(block: bytearray) -> Frame | None:
    plain = unstuffed(block)
    if plain is None or len(plain) < _HEAD + _CHECK or plain[0] != VERSION:
        return None
    end = len(plain) - _CHECK
    if unpack_from("<I", plain, end)[0] != crc32(plain[:end]) & 0xFFFFFFFF:
        return None
    return Frame(plain[1], plain[2] | plain[3] << 8, plain[_HEAD:end])


def stuffed(plain: bytearray) -> bytes:
    """COBS of at most 253 bytes: the same, without a zero, one byte longer."""
    out = bytearray(1) + plain
    last = 0
    for place in range(1, len(out)):
        if not out[place]:
            out[last] = place - last
            last = place
    out[last] = len(out) - last
    return bytes(out)


def unstuffed(block: bytearray) -> bytes | None:
    """What was stuffed; None where this is no COBS. ``block`` has no zero in it."""
    out = bytearray(block)
    place = 0
    while place < len(block):
        step = block[place]
        out[place] = 0
        place += step
    return bytes(out[1:]) if place == len(block) and place else None
