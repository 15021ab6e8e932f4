"""A session that a power cut broke off, on a box that wakes without a clock, and what its knowing the time changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from estation_box.programme.courtesy import Press
from estation_wire.bulletins import Bulletin
from estation_wire.messages import Play
from estation_wire.records import ClipShown, SessionEnded, SessionStarted
from estation_wire.values import Trust
from tests.core.test_core import command
from tests.support.box import START, SimulatedBox, TableShelf, item, slot_of

FILMS = tuple(item(name) for name in "abc")
PLANNED = 120


def broken_off(folder: Path, *, dark: float) -> SimulatedBox:
    """Seventeen seconds into a session the power went, for ``dark`` seconds; now the box counts down, by a guess."""
    box = SimulatedBox(folder, TableShelf(FILMS, [slot_of(FILMS, PLANNED)]))
    box.world.knows = True
    box.run(PLANNED + 17)
    box.world.knows = box.centre.reachable = False
    box.cut_power(dark=dark)
    box.power_up()
    box.run(8)
    assert box.clock.moment().trust is Trust.GUESS
    assert not box.playout.on_screen
    assert not box.playout.idle
    return box


def clock_is_known(box: SimulatedBox) -> None:
    box.world.wrong_by = timedelta(0)
    box.world.knows = True
    box.run(11)


def ends(box: SimulatedBox) -> list[tuple[int, str]]:
    box.centre.reachable = True
    box.start_core()
    box.run(10)
    assert len({ended.session for ended in box.centre.told(SessionEnded)}) == 1
    return [(ended.part, ended.reason) for ended in box.centre.told(SessionEnded)]


def test_a_clock_that_becomes_known_in_the_countdown_takes_nothing_away(tmp_path):
    """The network comes while the box counts down: it was dark for a minute, so the film goes on at once."""
    box = broken_off(tmp_path, dark=60)
    clock_is_known(box)
    assert box.playout.on_screen
    box.run(30)
    assert ends(box) == [(1, "power"), (2, "completed")]


def test_a_clock_that_becomes_known_may_say_that_it_is_too_late(tmp_path):
    """It was dark for three hours: the countdown ends, and the week's programme decides what is shown and when."""
    box = broken_off(tmp_path, dark=3 * 3600)
    clock_is_known(box)
    assert not box.playout.on_screen
    box.run(100)
    box.centre.reachable = True
    box.start_core()
    box.run(10)
    first, second = box.centre.told(SessionStarted)
    assert (second.part, second.origin.value) == (1, "make-up")
    assert second.session != first.session


def test_an_emergency_in_the_countdown_only_delays_it(tmp_path):
    box = broken_off(tmp_path, dark=60)
    box.shelf.bulletins = [
        Bulletin(
            id="always", priority="emergency", titles={"zh-Hans": "火警电话119"}, texts={"zh-Hans": "火警电话119"},
            issued=START - timedelta(days=40), seconds=15,
        )
    ]  # fmt: skip
    box.rooms.programme.changed()
    box.run(5)
    assert box.rooms.interlude.bulletin is not None
    box.run(20 + 32 + 30)
    assert ends(box) == [(1, "power"), (2, "completed")]


def test_what_was_recalled_is_not_in_what_goes_on(tmp_path):
    """A film that must not be shown any more is left out, and the others come."""
    box = broken_off(tmp_path, dark=60)
    box.shelf.gone = {FILMS[1].id}
    box.rooms.starts.recall(box.shelf.recalled(), box.clock.moment())
    box.run(60)
    shown = [clip.content for clip in box.playout.show.clips if clip.end != "error"] if box.playout.show else []
    assert FILMS[1].id not in shown
    box.run(30)
    assert ends(box)[-1] == (2, "completed")


def dark_again(box: SimulatedBox, *, dark: float = 60) -> None:
    box.cut_power(dark=dark)
    box.power_up()
    box.run(8)


def test_a_second_cut_in_the_countdown_takes_nothing_away(tmp_path):
    """The power comes and goes and comes again, as it does: the film goes on all the same, as the second part."""
    box = broken_off(tmp_path, dark=60)
    dark_again(box)
    assert not box.playout.on_screen
    dark_again(box)
    box.run(22 + 40)
    assert ends(box) == [(1, "power"), (2, "completed")]


def test_a_cut_before_the_player_is_there_takes_nothing_away(tmp_path):
    box = broken_off(tmp_path, dark=60)
    box.cut_power(dark=30)
    box.power_up()
    box.cut_power(dark=30)
    box.power_up()
    box.run(8 + 22 + 40)
    assert ends(box) == [(1, "power"), (2, "completed")]


def test_a_core_that_is_killed_in_the_countdown_counts_down_anew(tmp_path):
    box = broken_off(tmp_path, dark=60)
    box.start_core()
    box.run(8)
    assert not box.playout.idle
    box.run(22 + 40)
    assert ends(box) == [(1, "power"), (2, "completed")]


def test_cuts_that_add_up_to_more_than_half_an_hour_end_the_session(tmp_path):
    """As soon as somebody knows the time: then it is the programme's matter again."""
    box = broken_off(tmp_path, dark=60)
    dark_again(box, dark=40 * 60)
    clock_is_known(box)
    assert not box.playout.on_screen
    assert box.journal.unfinished() is None


@pytest.mark.parametrize("press", [Press.SHORT, Press.LONG])
def test_what_was_put_off_before_a_second_cut_does_not_come_back(tmp_path, press):
    box = broken_off(tmp_path, dark=60)
    box.core.press(press, box.clock.moment())
    assert box.journal.unfinished() is None
    dark_again(box)
    clock_is_known(box)
    box.run(60)
    assert ends(box) == [(1, "power")]


def test_what_was_recalled_before_a_second_cut_is_not_in_what_goes_on(tmp_path):
    box = broken_off(tmp_path, dark=60)
    box.shelf.gone = {FILMS[1].id}
    box.rooms.starts.recall(box.shelf.recalled(), box.clock.moment())
    dark_again(box)
    box.run(90)
    box.centre.reachable = True
    box.start_core()
    box.run(10)
    assert [clip.content for clip in box.centre.told(ClipShown)] == [FILMS[0].id, FILMS[2].id]
    assert [ended.part for ended in box.centre.told(SessionEnded)] == [1, 2]


@pytest.mark.parametrize("press", [Press.SHORT, Press.LONG])
def test_a_press_in_the_countdown_is_obeyed_for_good(tmp_path, press):
    box = broken_off(tmp_path, dark=60)
    box.core.press(press, box.clock.moment())
    clock_is_known(box)
    assert not box.playout.on_screen
    assert ends(box) == [(1, "power")]


def test_an_order_of_the_centre_is_no_matter_of_the_clock(tmp_path):
    """It was accepted and is counted down: the clock is set, and it is shown all the same."""
    box = SimulatedBox(tmp_path, TableShelf(FILMS))
    box.cut_power()
    box.world.wrong_by = timedelta(days=-9000)
    box.power_up()
    box.centre.answers.clear()
    box.run(2)
    box.centre.command(command(Play, box, contents=(FILMS[0].id,)))
    box.run(12)
    assert not box.playout.on_screen
    clock_is_known(box)
    box.run(32)
    assert box.playout.on_screen
