"""A whole box at a TV on an HDMI cable: woken in time, told of in the records, and given back."""

from __future__ import annotations

import pytest

from estation_box.playout.engine import Layer
from estation_box.programme.courtesy import Press
from estation_box.simulated.cec_television import OTHERS, OURS, Habits
from estation_box.television.interfaces import SoundTold
from estation_box.television.rules import Order, Power
from estation_wire.bulletins import Bulletin
from estation_wire.hours import WEEKDAYS, Calendar, Window
from estation_wire.records import SessionEnded, SessionStarted
from estation_wire.values import Origin, Tv
from tests.core.test_starts import FILMS, NOON, ZONE
from tests.support.box import START, SimulatedBox, TableShelf, profile, slot_of


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


@pytest.mark.parametrize(
    ("begin", "wakes", "woken"), [("00:00", False, True), ("23:00", False, False), ("23:00", True, True)]
)
def test_an_emergency_wakes_a_sleeping_village_only_where_its_signers_said_so(tmp_path, begin, wakes, woken):
    """By day every emergency switches the TV on; outside the opening hours one alone that says that it wakes."""
    hours = (Window(days=WEEKDAYS, begin=begin, end="23:59"),)
    box = hall(tmp_path, calendar=Calendar(opening=hours))
    box.run(10)
    told = Bulletin(id="quake", priority="emergency", titles={"zh-Hans": "地震"}, issued=START, wakes=wakes, seconds=30)
    box.shelf.bulletins = [told]
    box.core._rooms.programme.changed()
    box.run(20)
    assert (box.cec.power is Power.ON) is woken
    assert "地震" in box.player.engine.layers[Layer.COVER]


def test_an_emergency_takes_a_polite_classrooms_tv_from_nobody(tmp_path):
    box = hall(tmp_path, manner="polite")
    box.run(10)
    told = Bulletin(id="quake", priority="emergency", titles={"zh-Hans": "地震"}, issued=START, wakes=True)
    box.shelf.bulletins = [told]
    box.core._rooms.programme.changed()
    box.run(20)
    assert box.cec.power is Power.OFF


def test_a_tv_that_is_muted_is_told_for_a_while_and_a_louder_one_is_not(tmp_path):
    """People hear nothing: the screen says so when a session is near, and not for the whole of it."""
    box = hall(tmp_path, NOON)
    box.run(NOON - 60)
    box.told.append(SoundTold(silent=True))
    box.run(35)
    assert "电视没有声音" in box.player.engine.layers[Layer.BANNER]
    box.run(25)
    assert "电视没有声音" not in box.player.engine.layers.get(Layer.BANNER, "")
    box.told.append(SoundTold(silent=False))
    box.run(5)
    box.told.append(SoundTold(silent=True))
    box.run(5)
    assert "电视没有声音" in box.player.engine.layers[Layer.BANNER]


def test_a_tv_that_is_switched_off_in_the_middle_is_told(tmp_path):
    box = hall(tmp_path, NOON)
    box.run(NOON + 10)
    box.cec.remote_power()
    box.run(60)
    assert [ended.tv for ended in box.centre.told(SessionEnded)] == [Tv.OFF]
