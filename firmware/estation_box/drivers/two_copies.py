"""A small document kept in two alternating copies: one of them is whole, whatever a power cut does to the other.

A copy begins with a head of 20 bytes, big-endian, and is filled up with zeros to whole pages::

    magic "2CPY" | sequence number (u64) | length of the data (u32) | CRC-32 of sequence, length and data

The copy with the higher sequence number is the document; the next write goes over the other one.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Final, NamedTuple

PAGE_BYTES: Final = 4096  # what the kernel writes at least; a whole page is written without reading it first
_MAGIC: Final = b"2CPY"
_NUMBERS: Final = struct.Struct(">QI")
_CRC: Final = struct.Struct(">I")
HEAD_BYTES: Final = len(_MAGIC) + _NUMBERS.size + _CRC.size
ONE_PAGE_LIMIT_BYTES: Final = PAGE_BYTES - HEAD_BYTES


class _Copy(NamedTuple):
    sequence: int
    slot: int
    data: bytes


class TwoCopies:
    """The document at ``path``, of at most ``limit_bytes``; by default it costs one page a write.

    The file is opened for each call only, so that it may be removed and its card be mounted anew.
    """

    def __init__(self, path: Path, limit_bytes: int = ONE_PAGE_LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._slot_bytes = -(-(HEAD_BYTES + limit_bytes) // PAGE_BYTES) * PAGE_BYTES

    def read(self) -> bytes | None:
        """The last document that was written whole; None where there never was one. Raises `OSError`."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            newest = self._newest(descriptor)
        finally:
            os.close(descriptor)
        return newest.data if newest else None

    def write(self, data: bytes) -> None:
        """Keep ``data`` (it may be empty); it is on the card when this returns.

        Raises `OSError` (full, read-only, broken card) and `ValueError` above the limit: the document before stays.
        """
        if len(data) > self._limit_bytes:
            msg = f"{self._path.name}: {len(data)} bytes, at most {self._limit_bytes} fit"
            raise ValueError(msg)
        is_new = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            newest = self._newest(descriptor) or _Copy(0, 1, b"")
            slot = 1 - newest.slot
            _write_whole(descriptor, _encode(newest.sequence + 1, data), slot * self._slot_bytes)
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self._path.parent)

    def _newest(self, descriptor: int) -> _Copy | None:
        copies = [_decode(os.pread(descriptor, self._slot_bytes, slot * self._slot_bytes), slot) for slot in (0, 1)]
        return max((copy for copy in copies if copy), default=None)


def _encode(sequence: int, data: bytes) -> bytes:
    numbers = _NUMBERS.pack(sequence, len(data))
    copy = _MAGIC + numbers + _CRC.pack(zlib.crc32(numbers + data)) + data
    return copy + bytes(-len(copy) % PAGE_BYTES)


def _decode(raw: bytes, slot: int) -> _Copy | None:
    """The copy in ``raw``; None where it is torn, or was never written."""
    if len(raw) < HEAD_BYTES or not raw.startswith(_MAGIC):
        return None
    numbers = raw[len(_MAGIC) : len(_MAGIC) + _NUMBERS.size]
    sequence, length = _NUMBERS.unpack(numbers)
    (crc,) = _CRC.unpack_from(raw, HEAD_BYTES - _CRC.size)
    data = raw[HEAD_BYTES : HEAD_BYTES + length]
    if len(data) != length or zlib.crc32(numbers + data) != crc:
        return None
    return _Copy(sequence, slot, data)


def _write_whole(descriptor: int, data: bytes, offset: int) -> None:
    """Write all of ``data``; the kernel may take less at a time when the card is nearly full."""
    while data:
        written = os.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written


def _sync_folder(folder: Path) -> None:
    """Make a new file's name durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
