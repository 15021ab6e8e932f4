"""What counts as lost, doubled and corrupt, each alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from estation_wire.records import ClipShown, SessionEnded, SessionStarted
from estation_wire.values import Origin, Trust, Tv
from tests.journal.values import START
from tests.support.card_judge import Found, Verdict, judge, repeated, unclosed

PROMISED = Found(
    journal="a" * 32,
    records=(b"1", b"2"),
    held=frozenset({"f" * 64}),
    papers=(("profile", b"hall 1"),),
    ranks=(("trust", (1, 4, 4, 4)),),
)
SESSION = "5" * 32


def test_what_was_promised_and_more_is_as_it_should_be():
    """More records, more films, a newer library: nothing fell short."""
    there = PROMISED._replace(
        records=(b"1", b"2", b"3"),
        held=PROMISED.held | {"e" * 64},
        papers=(*PROMISED.papers, ("certificate", b"x")),
        ranks=(("trust", (1, 5, 4, 4)),),
    )
    assert judge(there, PROMISED) == judge(there, PROMISED, 3) == judge(PROMISED, Found()) == Verdict()


@pytest.mark.parametrize(
    "changes",
    [
        {"journal": "b" * 32}, {"records": (b"1",)}, {"records": (b"2", b"1")}, {"records": ()}, {"held": frozenset()},
        {"papers": ()}, {"papers": (("profile", b"hall 2"),)}, {"ranks": (("trust", (1, 4, 3, 9)),)}, {"ranks": ()},
        {"open": ("the end",)},
    ],
)  # fmt: skip
def test_whatever_is_less_is_lost(changes):
    """A record, another journal, a film, a paper, an older library."""
    verdict = judge(PROMISED._replace(**changes), PROMISED)
    assert verdict.lost
    assert not verdict.doubled + verdict.person + verdict.corrupt


def test_a_record_of_which_the_centre_has_heard_must_be_there():
    """Also where no flush has made it safe."""
    assert judge(PROMISED, Found(), 3).lost
    assert not judge(PROMISED, Found(), 2).lost


def test_corrupt_and_doubled_are_told_as_such():
    """Each in its own column."""
    verdict = judge(PROMISED._replace(corrupt=PROMISED.held, repeated=("x",)), PROMISED)
    assert verdict == Verdict(doubled=("x",), corrupt=("film ffffffffffff",))


def started(part: int = 1, session: str = SESSION) -> SessionStarted:
    return SessionStarted(**stamp(), session=session, origin=Origin.PLANNED, part=part)


def ended(part: int = 1, session: str = SESSION) -> SessionEnded:
    return SessionEnded(
        **stamp(), session=session, origin=Origin.PLANNED, began=START, shown=9.0, counting=9.0, tv=Tv.UNKNOWN,
        reason="completed", part=part,
    )  # fmt: skip


def shown(seconds: float, session: str = SESSION, content: str = "c") -> ClipShown:
    return ClipShown(
        **stamp(), session=session, content=content * 64, title="Film", shown=seconds, has=10.0, counting=True,
        completed=True,
    )  # fmt: skip


def stamp() -> dict[str, object]:
    return {"seq": 1, "at": START + timedelta(seconds=1), "boot": "b" * 32, "up": 1.0, "trust": Trust.RTC}


def test_a_part_that_begins_or_ends_twice_and_a_film_shown_too_long_are_doubled():
    """A session in two parts, with a film begun in one and ended in the other, is not."""
    other = "6" * 32
    once = [started(), shown(4.0), ended(), started(2), shown(6.0), ended(2), started(1, other), shown(10.0, other)]
    assert repeated(once) == ()
    assert len(repeated([*once, started(2)])) == 1
    assert len(repeated([*once, ended()])) == 1
    assert len(repeated([*once, shown(6.0)])) == 1
    assert repeated([*once, shown(10.0, content="d")]) == ()


def test_a_session_that_never_ends_is_missing_something():
    """The last one may still run."""
    assert unclosed([started(), ended(), started(2)]) == ()
    assert unclosed([started(), started(2), ended(2)]) == ("the end of part 1 of session 55555555",)
