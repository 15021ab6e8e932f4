"""A whole box at a TV on an HDMI cable: woken in time, told of in the records, and given back."""

from __future__ import annotations

from estation_box.programme.courtesy import Press
from estation_box.simulated.cec_television import OTHERS, OURS, Habits
from estation_box.television.rules import Order, Power
from estation_wire.records import SessionEnded, SessionStarted
from estation_wire.values import Origin, Tv
from tests.core.test_starts import FILMS, NOON, ZONE
from tests.support.box import SimulatedBox, TableShelf, profile, slot_of


def hall(folder, *slots: float, habits: Habits | None = None, **changes) -> SimulatedBox:
    shelf = TableShelf(FILMS, [slot_of(FILMS, at) for at in slots])
    box = SimulatedBox(folder, shelf, profile(timezone=ZONE, **changes), habits=habits or Habits())
    box.world.knows = True
    return box


def test_a_firm_hall_finds_its_tv_on_when_the_film_begins_and_off_afterwards(tmp_path):
    box = hall(tmp_path, NOON)
    box.run(NOON - 25)
    assert box.cec.power is Power.OFF
    box.run(30)
    assert (box.cec.power, box.cec.input) == (Power.ON, OURS)
    box.run(90)
    (ended,) = box.centre.told(SessionEnded)
    assert (ended.tv, ended.reason) == (Tv.ON, "completed")
    assert box.cec.power is Power.OFF


def test_a_tv_that_stays_dark_does_not_stop_the_film_and_the_record_says_so(tmp_path):
    """The film runs all the same; the centre learns that nobody can have seen it, and no make-up is wasted."""
    box = hall(tmp_path, NOON, habits=Habits(wakes=False))
    box.run(NOON + 900)
    assert [ended.tv for ended in box.centre.told(SessionEnded)] == [Tv.OFF]


def test_a_polite_classroom_takes_the_tv_for_nobody_but_its_teacher(tmp_path):
    box = hall(tmp_path, NOON, manner="polite")
    box.cec.power, box.cec.input = Power.ON, OTHERS
    box.cec.remote_input()
    box.cec.remote_input()
    box.run(NOON + 60)
    assert box.centre.told(SessionStarted) == []
    assert not {Order.WAKE, Order.TAKE} & set(box.cec.asked)
    box.core.press(Press.SHORT, box.clock.moment())
    box.run(10)
    assert [started.origin for started in box.centre.told(SessionStarted)] == [Origin.KEEPER]
    assert box.cec.input == OURS


def test_a_start_by_hand_at_a_dark_tv_is_not_called_unseen_while_the_tv_comes_on(tmp_path):
    box = hall(tmp_path, habits=Habits(warms=8.0))
    box.run(60)
    box.core.press(Press.SHORT, box.clock.moment())
    box.run(60)
    assert [ended.tv for ended in box.centre.told(SessionEnded)] == [Tv.ON]


def test_a_tv_that_is_switched_off_in_the_middle_is_told(tmp_path):
    box = hall(tmp_path, NOON)
    box.run(NOON + 10)
    box.cec.remote_power()
    box.run(60)
    assert [ended.tv for ended in box.centre.told(SessionEnded)] == [Tv.OFF]
