from __future__ import annotations

from estation_box.journal.rules import (
    FOLD_SECONDS,
    FOLDED_KINDS,
    FaultFold,
    Repeated,
    Row,
    bounded,
    is_an_old_copy,
    watermark_after,
)


def test_a_fault_is_told_at_once_and_its_repetitions_once_an_hour():
    """A TV that is not there is not told every second: once, and then one line an hour with the count."""
    fold = FaultFold()
    assert fold.met("disk", 0, "slow", 1, 0.0) == Repeated("disk", 0, "slow", 1)
    assert [fold.met("disk", 0, "slower", 1, up) for up in (1.0, 2.0, 3.0)] == [None] * 3
    assert fold.due(FOLD_SECONDS - 1) == []
    assert fold.due(FOLD_SECONDS) == [Repeated("disk", 0, "slower", 3)]
    assert fold.due(2 * FOLD_SECONDS) == []
    assert fold.met("disk", 0, "again", 1, 2 * FOLD_SECONDS) == Repeated("disk", 0, "again", 1)


def test_a_fault_after_an_hour_takes_the_gathered_count_with_it():
    fold = FaultFold()
    fold.met("disk", 0, "slow", 1, 0.0)
    fold.met("disk", 0, "slow", 4, 1.0)
    assert fold.met("disk", 0, "slow", 1, FOLD_SECONDS) == Repeated("disk", 0, "slow", 5)


def test_what_was_not_told_yet_is_told_when_the_fault_is_over():
    fold = FaultFold()
    fold.met("picture", 1, "same clip", 1, 0.0)
    fold.met("picture", 1, "same clip", 1, 1.0)
    fold.met("picture", 2, "next clip", 1, 2.0)
    fold.met("disk", 0, "slow", 1, 2.0)
    assert fold.over("picture") == [Repeated("picture", 1, "same clip", 1)]
    assert fold.over("picture") == []
    assert fold.met("picture", 1, "same clip", 1, 3.0) == Repeated("picture", 1, "same clip", 1)


def test_a_flood_of_different_faults_takes_no_memory():
    fold = FaultFold()
    for number in range(FOLDED_KINDS + 5):
        assert fold.met(f"fault-{number}", 0, "", 1, 0.0) is not None
    assert fold.met(f"fault-{FOLDED_KINDS}", 0, "", 1, 1.0) is not None
    assert fold.met("fault-0", 0, "", 1, 1.0) is None


def test_a_batch_is_bounded_in_bytes_and_never_empty():
    rows = [Row(number, b"x" * 90) for number in range(10)]
    assert bounded(rows, 300) == rows[:3]
    assert bounded(rows, 10) == rows[:1]
    assert bounded(rows) == rows
    assert bounded([]) == []


def test_only_the_answer_to_a_hello_lowers_the_watermark():
    assert watermark_after(10, 7, 20, authoritative=False) == 10
    assert watermark_after(10, 7, 20, authoritative=True) == 7
    assert watermark_after(10, 99, 20, authoritative=False) == 20


def test_a_centre_that_has_more_than_the_box_ever_wrote_knows_an_older_card():
    assert is_an_old_copy(21, 20, authoritative=True)
    assert not is_an_old_copy(20, 20, authoritative=True)
    assert not is_an_old_copy(21, 20, authoritative=False)
