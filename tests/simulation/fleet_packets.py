"""The packets of MQTT 3.1.1 that a box sends and gets, as bytes: no I/O. Source: OASIS MQTT 3.1.1, chapters 2 and 3.

Own code, since a client library costs a box some 60 kB and a thread or task, and here are tens of thousands of them.
One real frame, a PUBLISH at QoS 1 of ``hi`` to ``a/b`` with identifier 7::

    32 09 00 03 61 2f 62 00 07 68 69
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

LARGEST: Final = 300 * 1024  # of a packet; the centre's broker lets none through that is larger
PING: Final = b"\xc0\x00"
DISCONNECT: Final = b"\xe0\x00"
REFUSED: Final = 0x80  # in a SUBACK, for a subscription that was not taken


class Kind(IntEnum):
    """Kinds of packets that a box gets."""

    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBACK = 9
    PINGRESP = 13


class Packet(NamedTuple):
    """One packet: its kind, the flags beside it, and what follows its length."""

    kind: int
    flags: int
    body: bytes


class PacketError(ValueError):
    """What came is no packet."""


def connect(client: str, will_topic: str, will: bytes, keepalive: int) -> bytes:
    """CONNECT with a clean session and a retained will at QoS 1."""
    flags = 0b0010_1110  # will retained, its QoS 1, will, clean session
    head = _text("MQTT") + bytes((4, flags)) + keepalive.to_bytes(2)
    return _packet(0x10, head + _text(client) + _text(will_topic) + len(will).to_bytes(2) + will)


def subscribe(identifier: int, topics: tuple[str, ...]) -> bytes:
    """SUBSCRIBE at QoS 1."""
    return _packet(0x82, identifier.to_bytes(2) + b"".join(_text(topic) + b"\x01" for topic in topics))


def publish(topic: str, payload: bytes, identifier: int = 0, *, retain: bool = False) -> bytes:
    """PUBLISH: at QoS 1 with an identifier, else at QoS 0."""
    qos = identifier.to_bytes(2) if identifier else b""
    return _packet(0x30 | (2 if identifier else 0) | retain, _text(topic) + qos + payload)


def puback(identifier: bytes) -> bytes:
    """PUBACK."""
    return b"\x40\x02" + identifier


def published(packet: Packet) -> tuple[str, bytes, bytes]:
    """Topic, payload and identifier (empty at QoS 0) of a PUBLISH."""
    length = int.from_bytes(packet.body[:2])
    topic, rest = packet.body[2 : 2 + length].decode(), packet.body[2 + length :]
    return (topic, rest[2:], rest[:2]) if packet.flags & 0b110 else (topic, rest, b"")


class Reader:
    """Cuts what comes into packets."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Packet]:
        """The packets that are whole now. Raises `PacketError`."""
        self._rest = self._rest + data if self._rest else data
        at = 0
        while found := _length(self._rest, at):
            begins, ends = found
            if len(self._rest) < ends:
                break
            first = self._rest[at]
            yield Packet(first >> 4, first & 15, self._rest[begins:ends])
            at = ends
        self._rest = self._rest[at:]


def _length(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at ``at`` begins and ends; None where its length is not here yet."""
    value = 0
    for place in range(4):
        if at + 1 + place >= len(data):
            return None
        byte = data[at + 1 + place]
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            if value > LARGEST:
                msg = f"a packet of {value} bytes"
                raise PacketError(msg)
            return at + 2 + place, at + 2 + place + value
    msg = "a length of five bytes"
    raise PacketError(msg)


def _text(words: str) -> bytes:
    told = words.encode()
    return len(told).to_bytes(2) + told


def _packet(first: int, body: bytes) -> bytes:
    length, left = bytearray(), len(body)
    while True:
        left, byte = left >> 7, left & 127
        length.append(byte | (128 if left else 0))
        if not left:
            return bytes((first, *length)) + body
