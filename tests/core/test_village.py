"""A mobile station: people choose on the screen in which village it stands, and the centre books its sessions there."""

from __future__ import annotations

from pathlib import Path

import pytest

from estation_box.playout.engine import Layer
from estation_box.programme.courtesy import Press
from estation_box.provisioning.stops import ASKED_SECONDS, StopDeed, Stopping
from estation_wire.profile import Site, Stop
from estation_wire.records import PlaceChosen, SessionEnded
from tests.support.box import SimulatedBox, TableShelf, item, profile, slot_of

FILMS = tuple(item(name) for name in "abc")
STOPS = (Stop(id="village-1", name="一村"), Stop(id="village-2", name="二村"), Stop(id="village-3", name="三村"))
NIGHT_SECONDS = 12 * 3600.0
HOUR_SECONDS = 3700.0  # a power-up that lasts for less is no day of its own


@pytest.fixture
def bus(tmp_path: Path) -> SimulatedBox:
    mobile = profile(site=Site(id="bus-1", kind="mobile", name="科普大篷车"), stops=STOPS)
    return SimulatedBox(tmp_path, TableShelf(FILMS, [slot_of(FILMS, 90)]), given=mobile)


def cover(box: SimulatedBox) -> str:
    """The card, as the player has it."""
    return box.player.engine.layers.get(Layer.COVER, "")


def press(box: SimulatedBox, how: Press):
    return box.core.press(how, box.clock.moment())


def test_people_choose_the_village_with_one_button_and_the_centre_hears_it(bus: SimulatedBox):
    """Short presses go from village to village, a long one is yes; the card then says where the bus stands."""
    bus.run(2)
    assert "一村" in cover(bus)
    assert press(bus, Press.SHORT) is StopDeed.NEXT
    assert "二村" in cover(bus)
    assert press(bus, Press.LONG) is StopDeed.CHOOSE
    assert "今天在：二村" in cover(bus)
    bus.run(5)
    assert [(each.place, each.name) for each in bus.centre.told(PlaceChosen)] == [("village-2", "二村")]


def test_waiting_chooses_nothing_and_the_films_are_shown_all_the_same(bus: SimulatedBox):
    """Nobody is there to press: the session is shown, and is booked in no village."""
    bus.run(200)
    assert [each.reason for each in bus.centre.told(SessionEnded)] == ["completed"]
    assert bus.centre.told(PlaceChosen) == []
    assert "一村" in cover(bus)


def test_in_a_countdown_and_in_a_session_a_press_means_what_it_always_means(bus: SimulatedBox):
    """The question waits until the screen is quiet again."""
    bus.run(70)
    assert "一村" not in cover(bus)
    assert press(bus, Press.SHORT) not in set(StopDeed)
    assert bus.centre.told(PlaceChosen) == []


def test_the_choice_survives_a_killed_core_and_ends_with_the_day(bus: SimulatedBox):
    """A restart asks nobody again; the next morning the bus may stand elsewhere, and asks."""
    bus.shelf.table.clear()
    bus.run(2)
    press(bus, Press.LONG)
    bus.start_core()
    bus.run(2)
    assert "今天在：一村" in cover(bus)
    bus.run(HOUR_SECONDS)
    bus.cut_power(NIGHT_SECONDS)
    bus.power_up()
    bus.run(2)
    assert "今天在" not in cover(bus)
    assert "Is this today" in cover(bus)


def test_a_long_press_asks_again_and_an_unanswered_question_goes(bus: SimulatedBox):
    """Driven on to the next village in the afternoon: hold, choose; who only looked keeps the old one."""
    bus.run(2)
    press(bus, Press.LONG)
    assert press(bus, Press.LONG) is StopDeed.ASK
    assert "Is this today" in cover(bus)
    press(bus, Press.SHORT)
    press(bus, Press.LONG)
    assert "今天在：二村" in cover(bus)


def test_a_village_hall_is_never_asked(tmp_path: Path):
    """A box that stands where it stands has no such card, whatever its profile lists."""
    hall = SimulatedBox(tmp_path, TableShelf(FILMS, [slot_of(FILMS, 90)]), given=profile(stops=STOPS))
    hall.run(2)
    assert "一村" not in cover(hall)
    assert press(hall, Press.LONG) not in set(StopDeed)


def test_the_question_in_itself():
    """Round and round through the villages; a question goes after a minute; another list forgets the choice."""
    stopping = Stopping()
    assert stopping.view(0.0) is None
    assert stopping.press(Press.LONG, 0.0) is None
    stopping.serves(STOPS)
    for expected in ("一村", "二村", "三村", "一村"):
        view = stopping.view(1.0)
        assert view is not None
        assert (view.stop.name, view.count) == (expected, 3)
        stopping.press(Press.SHORT, 1.0)
    stopping.press(Press.LONG, 1.0)
    assert stopping.chosen == STOPS[1]
    assert stopping.press(Press.SHORT, 2.0) is None
    assert stopping.press(Press.LONG, 2.0) is StopDeed.ASK
    assert stopping.view(3.0) is not None
    assert stopping.view(2.0 + ASKED_SECONDS) is None
    assert stopping.chosen == STOPS[1]
    stopping.serves(STOPS[:1])
    assert stopping.chosen is None
    stopping.day_over()
    assert stopping.view(9.0) is not None
