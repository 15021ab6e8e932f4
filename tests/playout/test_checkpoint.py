from __future__ import annotations

from estation_box.playout import checkpoint, telling
from estation_box.playout import show as shows
from estation_wire.records import ClipShown, Record, SessionEnded, SessionStarted
from tests.playout.values import clip, moment, show

STAMP = {"seq": 1, "at": moment().at, "boot": "b" * 32, "up": 1.0, "trust": "network"}


def written(what) -> list[Record]:
    began = what.began or moment()
    what = shows.cut_short(shows.carried_over(what))
    records: list[Record] = [SessionStarted(**STAMP, **telling.started_fields(what))]
    records += [ClipShown(**STAMP, **telling.clip_fields(what, c)) for c in what.clips if c.end is not None]
    return [*records, SessionEnded(**STAMP, **{**telling.ended_fields(what, "completed"), "began": began.at})]


def test_a_checkpoint_comes_back_as_it_was():
    running = show(clip("a", carried=4.0, position=4.0), clip("b"), began=moment())
    back = checkpoint.decode(checkpoint.encode(running, moment(30), "p1"))
    assert back is not None
    assert (back.show, back.saved, back.player) == (running, moment(30), "p1")


def test_a_damaged_checkpoint_is_no_session():
    """A torn or foreign document never becomes a session that was not shown."""
    for document in (None, b"", b"{", b"\xff\xfe", b"[" * 5000, b"x" * (checkpoint.MAX_BYTES + 1)):
        assert checkpoint.decode(document) is None


def test_power_back_within_half_an_hour_goes_on_later_it_does_not():
    soon = checkpoint.resumable(show(began=moment()), moment(60), moment(60 + 1799, boot="c" * 32))
    assert soon is not None
    assert soon.show.part == 2
    assert checkpoint.resumable(show(), moment(60), moment(60 + 1801, boot="c" * 32)) is None


def test_a_kill_between_a_record_and_its_checkpoint_writes_nothing_twice():
    """The journal knows of the first film's end, the checkpoint does not: the film is not told again."""
    running = show(clip("a", carried=9.8, position=9.9), clip("b"), began=moment())
    records = written(show(clip("a", carried=9.8, end="eof"), clip("b"), began=moment()))[:-1]
    after = checkpoint.reconcile(running, records)
    assert (after.started, after.ended) == (True, False)
    assert [c.end for c in after.show.clips] == ["eof", None]
    assert after.show.clips[0].total == 9.8


def test_a_film_shown_twice_in_a_session_is_told_twice_and_not_three_times():
    running = show(clip("a", carried=9.8, end="eof"), clip("a", carried=9.9, position=9.9), began=moment())
    records = written(show(clip("a", carried=9.8, end="eof"), clip("a"), began=moment()))[:-1]
    assert [c.end for c in checkpoint.reconcile(running, records).show.clips] == ["eof", None]


def test_a_session_whose_end_is_written_is_over():
    running = show(clip("a", carried=9.8, end="eof"), began=moment())
    assert checkpoint.reconcile(running, written(running)).ended


def test_a_session_that_the_journal_has_not_heard_of_was_not_started():
    after = checkpoint.reconcile(show(began=moment()), [])
    assert (after.started, after.ended) == (False, False)
