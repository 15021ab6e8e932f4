from __future__ import annotations

from datetime import timedelta

import pytest

from estation_wire.counts import Due, Verdict, judge, part_of, showings, week_of
from estation_wire.messages import Identify, Play, Stop
from estation_wire.planner import Slot
from estation_wire.records import Boot, ClipShown, ClockSet, SessionEnded, SessionStarted
from estation_wire.values import Origin, Trust
from tests.support.box import START, SimulatedBox, TableShelf, item, slot_of

FILMS = tuple(item(name) for name in "abc")


def slot(seconds: float) -> Slot:
    return slot_of(FILMS, seconds, series="world")


@pytest.fixture
def box(tmp_path) -> SimulatedBox:
    return SimulatedBox(tmp_path, TableShelf(FILMS, [slot(120)]))


def test_the_planned_session_is_shown_counted_and_at_the_centre(box):
    """The loop, in simulated time: the week is met at the centre by what was really shown."""
    box.run(200)
    (started,), (ended,) = box.centre.told(SessionStarted), box.centre.told(SessionEnded)
    assert abs((started.at - slot(120).start).total_seconds()) < 0.3
    assert [clip.completed for clip in box.centre.told(ClipShown)] == [True, True, True]
    zone = box.clock.moment().at.tzinfo
    week = judge(week_of(ended.began, zone), showings([part_of(ended)], zone), Due(sessions=1, seconds=20))
    assert week.verdict is Verdict.MET
    assert box.journal.undelivered() == 0


def test_a_box_that_woke_in_1970_plays_nothing_by_the_wall_clock_until_it_knows_the_time(tmp_path):
    """The clock is a guess: nothing starts; the centre's answer brings the time, and the session is on time."""
    shelf = TableShelf(FILMS, [slot(120)])
    box = SimulatedBox(tmp_path, shelf)
    box.cut_power()
    box.centre.reachable = False
    box.world.wrong_by = timedelta(days=-20000)
    box.power_up()
    box.run(60)
    assert box.clock.moment().trust is Trust.GUESS
    box.centre.reachable = True
    box.start_core()
    box.run(120)
    (step,) = box.centre.told(ClockSet)
    assert abs((step.at - START).total_seconds()) < 90
    (started,) = box.centre.told(SessionStarted)
    assert abs((started.at - slot(120).start).total_seconds()) < 2


def test_a_power_cut_in_a_session_counts_what_was_shown_and_goes_on(box):
    """The minutes that people saw before the cut are not lost; with power back the session goes on as part two."""
    box.run(120 + 17)
    box.cut_power(dark=60)
    box.power_up()
    box.run(60)
    parts = box.centre.told(SessionEnded)
    assert [(part.part, part.reason) for part in parts] == [(1, "power"), (2, "completed")]
    assert len({part.session for part in parts}) == 1
    assert 0 <= parts[0].counting <= 17.5
    assert len(box.centre.told(Boot)) == 2


def test_after_a_long_cut_the_session_is_over_and_made_up(box):
    """It was too short to count, so it is begun anew at the first moment that the make-up hours allow."""
    box.run(120 + 17)
    box.cut_power(dark=3 * 3600)
    box.world.knows = True
    box.world.wrong_by = timedelta(0)
    box.power_up()
    box.run(100)
    ended, made_up = box.centre.told(SessionEnded)
    assert (ended.reason, ended.origin) == ("power", Origin.PLANNED)
    assert (made_up.reason, made_up.origin) == ("completed", Origin.MAKE_UP)
    assert made_up.session != ended.session


def test_a_killed_core_changes_nothing_that_people_see(box):
    box.run(120 + 5)
    box.start_core()
    box.run(60)
    (ended,) = box.centre.told(SessionEnded)
    assert ended.reason == "completed"
    assert len(box.centre.told(ClipShown)) == 3
    assert len(box.centre.told(Boot)) == 1


def test_without_the_centre_all_is_kept_and_told_when_it_is_back(box):
    box.run(30)
    box.centre.reachable = False
    box.run(200)
    assert box.centre.told(SessionEnded) == []
    assert box.journal.undelivered() > 3
    box.centre.reachable = True
    box.start_core()
    box.run(10)
    assert len(box.centre.told(SessionEnded)) == 1


def command(kind, box, **fields):
    now = box.world.true
    number = f"{len(box.replies()) + 1:032x}"
    return kind(v=1, id=number, issued=now, expires=now + timedelta(hours=1), **fields)


def test_the_centre_can_have_something_played_and_stopped(box):
    box.run(5)
    box.centre.command(command(Play, box, contents=(FILMS[0].id,)))
    box.run(20)
    assert not box.playout.on_screen  # a warning stands before every start that nobody in the room asked for
    box.run(16)
    assert box.playout.on_screen
    box.centre.command(command(Stop, box))
    box.run(3)
    assert [reply.outcome for reply in box.replies()] == ["accepted", "done"]
    (ended,) = box.centre.told(SessionEnded)
    assert (ended.reason, ended.origin.value) == ("command", "command")


def test_what_the_box_cannot_do_is_refused_with_a_reason(box):
    box.run(5)
    box.centre.command(command(Play, box, contents=("f" * 64,)))
    box.run(2)
    box.centre.command(command(Stop, box))
    box.run(2)
    assert [reply.outcome for reply in box.replies()] == ["refused", "refused"]
    assert all(reply.reason for reply in box.replies())


def test_identify_shows_the_stations_name_for_a_while(box):
    box.run(5)
    box.centre.command(command(Identify, box))
    box.run(2)
    assert any("这就是这台机器" in text for text in box.player.engine.layers.values())
    box.run(20)
    assert not any("这就是这台机器" in text for text in box.player.engine.layers.values())
