"""What to do with a batch and with a hello."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from estation_central.collector import rules
from estation_central.collector.rules import NOTHING, Batch, Mark
from estation_wire.codec import record_hash
from estation_wire.errors import MalformedError
from estation_wire.messages import Events, JournalState
from tests.support.centre import BOOT, JOURNAL, NOW, STATION, record, started


def batch(*records: bytes) -> Batch:
    return rules.read_batch(STATION, Events(v=1, journal=JOURNAL, records=tuple(map(msgspec.Raw, records))))


def state(first: int, last: int, watermark: int, text: bytes | None = None) -> JournalState:
    hashed = record_hash(text) if text else None
    return JournalState(journal=JOURNAL, first=first, last=last, watermark=watermark, hash=hashed)


def test_the_first_batch_is_stored() -> None:
    """What is new is stored, and the mark moves to its end."""
    taken = rules.take(NOTHING, batch(record(1), record(2)))
    assert [row.seq for row in taken.rows] == [1, 2]
    assert taken.mark == Mark(2, record_hash(record(2)))


def test_a_batch_sent_again_stores_nothing() -> None:
    """A batch that came twice is counted once."""
    mark = Mark(2, record_hash(record(2)))
    taken = rules.take(mark, batch(record(1), record(2)))
    assert (taken.rows, taken.mark, taken.refused, taken.theirs) == ((), mark, False, "")


def test_of_a_batch_that_overlaps_only_the_new_part_is_stored() -> None:
    """A batch that was cut differently the second time is counted once."""
    taken = rules.take(Mark(2, record_hash(record(2))), batch(record(2), record(3)))
    assert [row.seq for row in taken.rows] == [3]


def test_a_batch_that_would_leave_a_gap_is_refused() -> None:
    """Nothing is stored above a hole, so that nothing is ever missing in between."""
    taken = rules.take(Mark(2, ""), batch(record(4)))
    assert taken.refused
    assert taken.mark == Mark(2, "")


def test_another_record_at_the_watermark_is_a_cloned_card() -> None:
    """Two boxes with one journal's name are noticed when their records differ."""
    taken = rules.take(Mark(2, record_hash(record(2))), batch(record(2, detail="of another box"), record(3)))
    assert taken.theirs == record_hash(record(2, detail="of another box"))


def test_a_kind_made_later_is_kept() -> None:
    """A newer box is never stuck: what this centre does not know it keeps as it is."""
    unknown = record(1, "made.later", word=3)
    broken = record(2, "session.started", session="no id")
    rows = batch(unknown, broken, record(3)).rows
    assert [row.understood for row in rows] == [False, False, True]
    assert rows[0].raw.encode() == unknown


@pytest.mark.parametrize(
    "records",
    [
        [record(1), record(3)],
        [record(2), record(1)],
        [record(1), record(1)],
        [b'{"seq":1}'],
        [b"1"],
        [record(1)[:-1] + b',"word":"\xff"}'],
    ],
)
def test_a_batch_with_a_hole_or_without_a_head_is_malformed(records: list[bytes]) -> None:
    """Records that cannot be placed are not stored at all."""
    with pytest.raises(MalformedError):
        batch(*records)


def test_a_raw_nul_is_no_text() -> None:
    """What no database's text can hold is refused at the rim."""
    with pytest.raises(MalformedError):
        rules.storable(b'{"v":1,"x":"\0"}')


@pytest.mark.parametrize(
    ("mark", "told", "lost", "after"),
    [
        (Mark(5, "x"), state(1, 9, 5), None, 5),  # nothing is missing
        (Mark(5, "x"), state(6, 9, 5), None, 5),  # it forgot only what we have
        (Mark(5, "x"), state(9, 9, 5), (6, 8), 8),  # it forgot more
        (Mark(5, "x"), state(3, 9, 8), None, 5),  # our copy is old, it still holds the rest
        (Mark(5, "x"), state(0, 0, 8), (6, 8), 8),  # our copy is old, it holds nothing
        (NOTHING, state(0, 0, 0), None, 0),  # a new box
        (NOTHING, state(4, 9, 3), (1, 3), 3),
    ],
)
def test_what_a_box_holds_no_more_is_booked_as_lost(mark, told, lost, after) -> None:
    """A hole that can never be filled is said, and the box goes on behind it."""
    greeted = rules.greet(mark, told, None)
    assert greeted.lost == lost
    assert greeted.mark.watermark == after


def test_after_a_loss_the_hash_is_known_only_where_the_box_gave_it() -> None:
    """What was never seen is never taken for a clone."""
    assert rules.greet(Mark(5, "x"), state(9, 9, 8, record(8)), None).mark.hash == record_hash(record(8))
    assert rules.greet(Mark(5, "x"), state(9, 9, 5, record(5)), None).mark.hash == ""


def test_a_differing_hash_is_a_mismatch() -> None:
    """A copied card is found at its first hello."""
    told = state(1, 5, 5, record(5, detail="of another box"))
    assert rules.greet(Mark(5, ""), told, record_hash(record(5))).mismatch
    assert not rules.greet(Mark(5, ""), told, None).mismatch
    assert not rules.greet(Mark(5, ""), state(1, 5, 5), record_hash(record(5))).mismatch


def test_a_picture_is_asked_for_at_the_middle() -> None:
    """The picture beside a session shows its middle."""
    order = rules.picture_order(STATION, rules.read_row(started(1, length=600)), NOW)
    assert order is not None
    assert (order.due, order.expires) == (NOW + timedelta(seconds=300), NOW + timedelta(seconds=600))
    again = rules.picture_order(STATION, rules.read_row(started(9, length=600)), NOW)
    assert again is not None
    assert again.command == order.command


@pytest.mark.parametrize(
    ("raw", "now"),
    [
        (started(1, length=600), NOW + timedelta(hours=1)),
        (started(1, length=600), NOW - timedelta(hours=1)),
        (started(1, length=0), NOW),
        (record(1, "session.started", session="no id"), NOW),
        (record(1), NOW),
        (started(1, length=600).replace(b'"network"', b'"guess"'), NOW),
    ],
)
def test_no_picture_of_what_is_past_or_not_known(raw: bytes, now) -> None:
    """A start that is told late, or by a guessed clock, brings no picture of something else."""
    assert rules.picture_order(STATION, rules.read_row(raw), now) is None


def test_boot_is_kept() -> None:
    """The head stands in columns of its own."""
    assert rules.read_row(record(7)).boot == BOOT
