"""Every write and flush that a card was given, read from a log in the form of Linux's dm-log-writes. Pure.

QEMU's ``blklogwrites`` writes the same form. All numbers are little-endian; the first sector says how large one is::

    first sector   magic 0x6a736677736872 (u64) | version 1 (u64) | entries (u64) | bytes of a sector (u32) | zeros
    each entry     sector (u64) | sectors (u64) | flags (u64) | bytes of a mark's text (u64) | zeros to a whole sector
                   and then what was written: ``sectors`` sectors, unless it is a discard

A write of 1 KiB at sector 0x30d000, and the flush after it (which has no bytes)::

    00 d0 30 00 00 00 00 00  02 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  01 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00

An entry stands where its write was *completed*; QEMU counts an entry in the first sector at the next flush.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntFlag
from mmap import mmap
from typing import Final, NamedTuple

MAGIC: Final = 0x6A736677736872
VERSION: Final = 1
HEAD: Final = struct.Struct("<QQQI")
ENTRY: Final = struct.Struct("<QQQQ")
MOST_ENTRIES: Final = 2_000_000  # days of a box; a log with more is no log
MOST_ENTRY_BYTES: Final = 64 * 1024 * 1024  # no kernel sends more at once
MOST_CARD_BYTES: Final = 2 * 1024**4  # the largest card that there is
SECTORS: Final = frozenset({512, 1024, 2048, 4096})


class Flag(IntFlag):
    """What an entry is besides a write."""

    FLUSH = 1
    FUA = 2
    DISCARD = 4
    MARK = 8
    METADATA = 16


class LogError(ValueError):
    """This is no log of writes, or it is cut: record it anew."""


class Entry(NamedTuple):
    """``length`` bytes at ``offset`` of the card, which lie at ``data`` of the log; a flush alone has none."""

    offset: int
    length: int
    flags: Flag
    data: int


def entries(log: bytes | mmap) -> Iterator[Entry]:
    """The log's entries in order, marks left out; raises `LogError`."""
    if len(log) < HEAD.size:
        msg = f"{len(log)} bytes are no log of writes"
        raise LogError(msg)
    magic, version, count, sector = HEAD.unpack_from(log)
    if magic != MAGIC or version != VERSION or sector not in SECTORS or count > MOST_ENTRIES:
        msg = f"no log of writes: magic {magic:#x}, version {version}, {count} entries, sectors of {sector} bytes"
        raise LogError(msg)
    at = sector
    for number in range(count):
        entry, at = _entry(log, at, sector, number)
        if Flag.MARK not in entry.flags:
            yield entry


def _entry(log: bytes | mmap, at: int, sector: int, number: int) -> tuple[Entry, int]:
    """The entry at ``at`` of the log, and where the next one is."""
    if at + sector > len(log):
        msg = f"the log is cut at entry {number}"
        raise LogError(msg)
    first, sectors, flags, text = ENTRY.unpack_from(log, at)
    if flags >= Flag.METADATA << 1:
        msg = f"entry {number} has flags {flags:#x} that nobody knows"
        raise LogError(msg)
    flag = Flag(flags)
    length = text if Flag.MARK in flag else sectors * sector
    held = 0 if Flag.DISCARD in flag else -(-length // sector) * sector
    if held > MOST_ENTRY_BYTES or (first + sectors) * sector > MOST_CARD_BYTES:
        msg = f"entry {number} is too large: {sectors} sectors at {first}, {text} bytes of text"
        raise LogError(msg)
    if at + sector + held > len(log):
        msg = f"the log is cut in entry {number}"
        raise LogError(msg)
    return Entry(first * sector, length, flag, at + sector), at + sector + held


def within(every: Iterator[Entry], start: int, length: int) -> Iterator[Entry]:
    """What of the log concerns a partition: its writes, counted from its beginning, and every flush.

    Raises `LogError` for a write across its edge.
    """
    for entry in every:
        at = entry.offset - start
        if entry.length and at >= 0 and at + entry.length <= length:
            yield entry._replace(offset=at)
        elif entry.length and at < length and at + entry.length > 0:
            msg = f"a write of {entry.length} bytes at {entry.offset} lies across a partition's edge"
            raise LogError(msg)
        elif Flag.FLUSH in entry.flags:
            yield Entry(0, 0, Flag.FLUSH, entry.data)
