"""Who came to a session, by the light barrier at the door: the real core and the supervisor's real program."""

from __future__ import annotations

from pathlib import Path

import pytest

from estation_box.guarding.door import Counters
from estation_box.playout.attendance import Coming, looked
from estation_wire.records import AttendanceCounted, SessionEnded
from tests.support.box import SimulatedBox, TableShelf, item, slot_of
from tests.support.supervisor_line import OnPython

FILMS = tuple(item(name, 40.0) for name in "abc")
PLANNED = 1200
MIDDLE = 60


def hall(folder: Path, *, fitted: bool = True) -> SimulatedBox:
    """A box with the carrier board, whose session of two minutes begins after twenty."""
    box = SimulatedBox(folder, TableShelf(FILMS, [slot_of(FILMS, PLANNED)]), board=OnPython() if fitted else None)
    box.world.knows = True
    return box


def pass_by(box: SimulatedBox, people: int) -> None:
    assert box.board is not None
    box.board.board.door = box.board.board.door + people & 0xFFFFFFFF


def told(box: SimulatedBox) -> tuple[list[tuple[int, str]], list[int | None]]:
    """What the centre heard in records of their own, and in the ends of the session's parts."""
    box.run(300)
    counted = [(each.number, each.source) for each in box.centre.told(AttendanceCounted)]
    return counted, [ended.attendance for ended in box.centre.told(SessionEnded)]


def test_who_comes_is_counted_once_and_who_leaves_is_not(tmp_path):
    """Thirty come before the film and two while it runs; all go home at its end, and the sweeper went long before."""
    box = hall(tmp_path)
    box.run(120)
    pass_by(box, 2)  # the sweeper, in and out, a quarter of an hour before anybody comes
    box.run(PLANNED - 120 - 300)
    pass_by(box, 25)
    box.run(290)
    pass_by(box, 5)
    box.run(10 + 20)
    assert box.playout.on_screen
    pass_by(box, 2)
    box.run(MIDDLE)
    pass_by(box, 32)
    assert told(box) == ([(32, "beam")], [32])


def test_without_the_board_nobody_knows(tmp_path):
    box = hall(tmp_path, fitted=False)
    box.run(PLANNED + 100)
    assert told(box) == ([], [None])


def test_a_door_that_sees_nobody_is_unknown_and_never_nobody(tmp_path):
    """A barrier that is not plugged in counts nothing, either; who leaves is not taken for who comes."""
    box = hall(tmp_path)
    box.run(PLANNED + 100)
    pass_by(box, 30)
    assert told(box) == ([], [None])


def test_a_silent_supervisor_leaves_it_unknown(tmp_path):
    box = hall(tmp_path)
    box.run(PLANNED - 100)
    pass_by(box, 30)
    box.run(110)
    box.board.fall_silent()
    box.run(100)
    assert told(box) == ([], [None])


def test_a_line_that_is_silent_for_a_while_loses_nobody(tmp_path):
    """The counter says everything each time: what came meanwhile is in the next frame."""
    box = hall(tmp_path)
    box.run(PLANNED - 100)
    box.board.fall_silent()
    pass_by(box, 30)
    box.run(90)
    box.board.speak_again()
    box.run(30)
    assert told(box) == ([(30, "beam")], [30])


def test_a_supervisor_that_starts_anew_loses_nobody_who_was_told_of(tmp_path):
    box = hall(tmp_path)
    box.run(PLANNED - 100)
    pass_by(box, 30)
    box.run(50)
    box.board.start_anew()
    pass_by(box, 3)
    box.run(60)
    box.board.start_anew()
    pass_by(box, 1)
    assert told(box) == ([(34, "beam")], [34])


def test_a_counter_that_runs_over_counts_on(tmp_path):
    box = hall(tmp_path)
    box.board.board.door = 2**32 - 10
    box.run(PLANNED - 100)
    pass_by(box, 30)
    assert told(box) == ([(30, "beam")], [30])


def test_a_core_that_is_killed_in_the_film_counts_on(tmp_path):
    """Its checkpoint knows the counter as it was; what the journal has is not told twice."""
    box = hall(tmp_path)
    box.run(PLANNED - 100)
    pass_by(box, 30)
    box.run(100 + 35)
    box.start_core()
    pass_by(box, 4)
    box.run(40)
    box.start_core()
    pass_by(box, 34)
    assert told(box) == ([(34, "beam")], [34])


def test_a_person_goes_before_the_door(tmp_path):
    """The keeper counted while the film ran: that stands, in the record of its own and at the end."""
    box = hall(tmp_path)
    box.run(PLANNED - 100)
    pass_by(box, 30)
    box.run(120)
    box.core._hands.remote._counted(28, box.clock.moment())
    box.start_core()  # before its next checkpoint
    assert told(box) == ([(28, "keeper")], [28])


def test_a_person_may_put_the_door_right(tmp_path):
    box = hall(tmp_path)
    box.run(PLANNED - 100)
    pass_by(box, 30)
    box.run(100 + MIDDLE + 10)
    box.core._hands.remote._counted(41, box.clock.moment())
    assert told(box) == ([(30, "beam"), (41, "keeper")], [41])


@pytest.mark.parametrize(("seconds", "number"), [(40, None), (MIDDLE + 40, 30)])
def test_a_power_cut_keeps_what_was_known(tmp_path, seconds, number):
    """Who came is known from the middle of the film; those who come back after the cut were counted before it."""
    box = hall(tmp_path)
    box.run(PLANNED - 100)
    pass_by(box, 30)
    box.run(100 + seconds)
    box.cut_power(60)
    box.board.start_anew()
    box.power_up()
    box.run(5)
    pass_by(box, 30)
    counted, ends = told(box)
    assert counted == ([(number, "beam")] if number else [])
    assert ends == [number, None]


def test_a_door_that_is_heard_of_in_mid_film_has_missed_those_who_came():
    assert looked(None, Counters(1, 30), 30, shown=30.0, length=120.0) is None
    assert looked(None, Counters(1, 30), 7, shown=1.0, length=120.0) == Coming(Counters(1, 30), 7)
