"""The log of a card's writes is read as it was written, and the cuts that are drawn from it can happen to a card."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.card_replay import Replay
from tests.support.power_cut import SECTOR, Cut, Landed, Stretch, cuts, stretches
from tests.support.write_log import ENTRY, HEAD, MAGIC, Entry, Flag, LogError, entries, within

Written = tuple[int, int, bytes]
"""Sector, flags, and what was written."""


def log_of(*written: Written, sector: int = 512) -> bytes:
    """A log as QEMU writes it."""
    raw = HEAD.pack(MAGIC, 1, len(written), sector).ljust(sector, b"\0")
    for first, flags, data in written:
        sectors = -(-len(data) // sector)
        text = len(data) if flags & Flag.MARK else 0
        raw += ENTRY.pack(first, 0 if text else sectors, flags, text).ljust(sector, b"\0")
        raw += b"" if flags & Flag.DISCARD else data.ljust(sectors * sector, b"\0")
    return raw


A, B, C = (letter * SECTOR for letter in (b"a", b"b", b"c"))
LOG = log_of((8, 0, A + B), (0, 1, b""), (9, 0, C), (0, 8, b"a mark"), (16, 4, A), (0, 3, A))


def test_a_log_is_read_as_it_was_written():
    """Every write with its place and its bytes, flushes, and no marks."""
    told = list(entries(LOG))
    assert [(each.offset, each.length, each.flags) for each in told] == [
        (8 * SECTOR, 2 * SECTOR, Flag(0)), (0, 0, Flag.FLUSH), (9 * SECTOR, SECTOR, Flag(0)),
        (16 * SECTOR, SECTOR, Flag.DISCARD), (0, SECTOR, Flag.FLUSH | Flag.FUA),
    ]  # fmt: skip
    assert LOG[told[0].data : told[0].data + told[0].length] == A + B
    assert LOG[told[2].data : told[2].data + told[2].length] == C


def test_the_frame_in_the_papers_is_a_real_one():
    """The bytes that the reader's docstring shows are those of a write and its flush."""
    write = bytes.fromhex("00d0300000000000 0200000000000000 0000000000000000 0000000000000000")
    assert ENTRY.unpack(write) == (0x30D000, 2, 0, 0)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\0" * 600, LOG[:500], LOG[:1000], LOG[:-1], b"x" + LOG[1:], log_of(sector=513),
        HEAD.pack(MAGIC, 2, 0, 512).ljust(512, b"\0"), HEAD.pack(MAGIC, 1, 2**63, 512).ljust(512, b"\0"),
        log_of((2**60, 0, A)), log_of((0, 32, b"")), log_of((0, 0, A))[:512] + ENTRY.pack(0, 2**40, 0, 0) + bytes(480),
    ],
)  # fmt: skip
def test_what_is_no_log_is_refused(raw):
    """Cut, of another kind, or with numbers that no card has."""
    with pytest.raises(LogError):
        list(entries(raw))


def test_a_partition_sees_its_own_writes_and_every_flush():
    """Counted from its beginning; a write across its edge cannot be."""
    told = within(entries(LOG), 8 * SECTOR, 4 * SECTOR)
    assert [(each.offset, each.length, each.flags) for each in told] == [
        (0, 2 * SECTOR, 0), (0, 0, Flag.FLUSH), (SECTOR, SECTOR, 0), (0, 0, Flag.FLUSH),
    ]  # fmt: skip
    with pytest.raises(LogError):
        list(within(entries(LOG), 9 * SECTOR, 4 * SECTOR))


NO_FLAG = Flag(0)


def entry(sector: int, sectors: int = 1, flags: Flag = NO_FLAG) -> Entry:
    return Entry(sector * SECTOR, sectors * SECTOR, flags, 0)


FLUSH = Entry(0, 0, Flag.FLUSH, 0)


def test_flushes_part_the_log():
    """What lies between two of them may be there or not; empty stretches are none."""
    every = [entry(1), entry(2), FLUSH, FLUSH, entry(3), entry(4, 1, Flag.FLUSH), entry(5)]
    assert stretches(every) == [Stretch(0, 2), Stretch(4, 5), Stretch(5, 7)]


@given(
    st.lists(st.sampled_from(["write", "large", "flush", "fua"]), min_size=1, max_size=40),
    st.integers(0, 2**32),
    st.integers(1, 30),
)
def test_every_cut_is_one_that_can_happen(kinds, seed, count):
    """No flushed write is missing, none after the cut is there, one at most is torn, at a sector's edge."""
    made = {"write": entry(1), "large": entry(7, 9), "flush": FLUSH, "fua": entry(3, 2, Flag.FUA)}
    every = [made[kind] for kind in kinds]
    chosen = cuts(every, count, random.Random(seed))
    assert chosen == sorted(set(chosen))
    assert len(chosen) <= count
    bounds = {stretch.first: stretch.end for stretch in stretches(every)}
    for cut in chosen:
        assert cut.flushed <= cut.at <= bounds.get(cut.flushed, cut.flushed)
        numbers = [each.entry for each in cut.landed]
        assert numbers == sorted(set(numbers))
        assert all(cut.flushed <= number < cut.at for number in numbers)
        torn = [each for each in cut.landed if each.length != every[each.entry].length]
        assert len(torn) <= 1
        assert all(0 < each.length < every[each.entry].length and each.length % SECTOR == 0 for each in torn)
        durable = {number for number in range(cut.flushed, cut.at - 1) if Flag.FUA in every[number].flags}
        assert durable <= set(numbers) - {each.entry for each in torn}


def test_torn_and_reordered_writes_are_among_the_cuts():
    """Of enough cuts some have a torn write, some a later write without the one before it."""
    every = [entry(number, 8) for number in range(30)]
    chosen = cuts(every, 200, random.Random(1))
    assert len(chosen) == 200
    assert any(each.length % (8 * SECTOR) for cut in chosen for each in cut.landed)
    assert any(cut.landed and cut.landed[0].entry > 0 for cut in chosen)
    assert Cut(0, 0, ()) in chosen


def test_an_image_holds_what_landed_and_nothing_else(tmp_path):
    """Byte by byte; what a test does to an image is gone with it."""
    log = log_of((0, 0, A + A), (0, 1, b""), (1, 0, B + B), (4, 0, C), (0, 1, b""), (0, 4, A))
    every = list(entries(log))
    before = tmp_path / "before"
    before.write_bytes(bytes(8 * SECTOR))
    replay = Replay(before, log, every, tmp_path)

    def image(cut: Cut) -> bytes:
        with replay.image(cut) as path:
            held = path.read_bytes()
            path.write_bytes(b"spoilt")
        return held

    empty = bytes(SECTOR)
    assert image(Cut(0, 1, ())) == 8 * empty
    assert image(Cut(2, 4, (Landed(2, SECTOR),))) == A + B + 6 * empty
    assert image(Cut(2, 4, (Landed(3, SECTOR),))) == A + A + 2 * empty + C + 3 * empty
    assert image(Cut(5, 5, ())) == A + B + B + empty + C + 3 * empty
    assert image(Cut(5, 6, (Landed(5, SECTOR),))) == empty + B + B + empty + C + 3 * empty
    assert replay.log_bytes(Cut(2, 2, ())) == every[1].data
