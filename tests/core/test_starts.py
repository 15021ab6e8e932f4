"""What begins by itself, what a press does about it, and what interrupts it: a whole box in simulated time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from estation_box.playout.engine import Layer
from estation_box.programme.courtesy import Act, Press
from estation_wire.bulletins import Bulletin
from estation_wire.hours import WEEKDAYS, Calendar, Window
from estation_wire.messages import Ack, Play, WeekMet
from estation_wire.records import (
    BulletinShown,
    ClipShown,
    ClockSet,
    Day,
    Fault,
    Postponed,
    SessionEnded,
    SessionStarted,
)
from estation_wire.records import WeekClosed as Closed
from estation_wire.topics import Leaf
from estation_wire.values import Origin, Trust, Tv
from tests.core.test_core import command
from tests.support.box import START, SimulatedBox, TableShelf, item, profile, slot_of

FILMS = tuple(item(name) for name in "abc")
NOON = 600  # seconds from START to ten past twelve, where this hall stands
ZONE = "Asia/Kamchatka"  # 12 hours before UTC, all the year


def hall(folder: Path, *slots: float, **changes) -> SimulatedBox:
    """A box whose world begins at noon of a Monday."""
    given = profile(timezone=ZONE, **changes)
    folder.mkdir(exist_ok=True)
    box = SimulatedBox(folder, TableShelf(FILMS, [slot_of(FILMS, at) for at in slots]), given)
    box.world.knows = True
    return box


def starts(box: SimulatedBox) -> list[tuple[str, float]]:
    """The origin of each session, and its second."""
    told = box.centre.told(SessionStarted)
    return [(each.origin.value, round((each.at - START).total_seconds())) for each in told]


def wait(box: SimulatedBox, seconds: float) -> None:
    """Let a long time pass in which nothing is expected to begin."""
    box.idle_step = 20.0
    box.run(seconds)
    box.idle_step = 1.0


def layers(box: SimulatedBox) -> str:
    return " ".join(box.player.engine.layers.values())


def test_one_press_in_the_countdown_puts_it_off_by_an_hour_and_it_is_made_up(tmp_path):
    """«Later» is obeyed at once, told to the centre, and an hour later the session comes with a new warning."""
    box = hall(tmp_path, NOON)
    box.run(NOON - 20)
    assert box.core.press(Press.SHORT, box.clock.moment()) is Act.LATER
    box.run(40)
    assert starts(box) == []
    box.run(3700)
    (put_off,) = box.centre.told(Postponed)
    assert (put_off.rule, put_off.reason) == ("weekly", Act.LATER.value)
    assert put_off.until == START + timedelta(seconds=NOON - 20 + 3600)
    assert starts(box) == [("make-up", NOON - 20 + 3600 + 30)]


def test_a_second_press_means_tomorrow(tmp_path):
    box = hall(tmp_path, NOON)
    box.run(NOON - 20)
    box.core.press(Press.SHORT, box.clock.moment())
    assert "press again for tomorrow" in layers(box)
    box.run(3)
    assert box.core.press(Press.SHORT, box.clock.moment()) is Act.TOMORROW
    wait(box, 12 * 3600 - NOON)
    assert starts(box) == []  # midnight has passed
    wait(box, 8 * 3600 - 60)
    box.run(180)
    assert starts(box) == [("make-up", 20 * 3600 + 30)]  # 08:00 and the countdown


def test_a_press_while_nothing_is_shown_plays_at_once_and_fulfils_the_week(tmp_path):
    """The keeper's own session counts; the planned one is not made up when it is missed."""
    box = hall(tmp_path, NOON)
    box.run(NOON - 600)
    assert box.core.press(Press.SHORT, box.clock.moment()) is Act.PLAY
    box.run(100)
    box.shelf.table = []
    box.rooms.programme.changed()
    wait(box, 6 * 3600)
    assert [origin for origin, _ in starts(box)] == ["keeper"]


@pytest.mark.parametrize(("own", "shown"), [("adds", ["keeper", "planned"]), ("cancels", ["keeper"])])
def test_an_own_session_cancels_the_planned_one_where_the_site_wants_it_so(tmp_path, own, shown):
    box = hall(tmp_path, NOON, own_session=own)
    box.run(NOON - 600)
    box.core.press(Press.SHORT, box.clock.moment())
    box.run(900)
    assert [origin for origin, _ in starts(box)] == shown


def test_a_long_press_stops_what_is_shown_and_it_does_not_come_back_within_the_hour(tmp_path):
    box = hall(tmp_path, NOON)
    box.run(NOON + 5)
    assert box.core.press(Press.SHORT, box.clock.moment()) is None
    assert box.core.press(Press.LONG, box.clock.moment()) is Act.STOP
    wait(box, 3500)
    assert [ended.reason for ended in box.centre.told(SessionEnded)] == ["keeper"]
    box.run(300)
    assert [origin for origin, _ in starts(box)] == ["planned", "make-up"]


def test_a_lesson_is_never_seized_and_ends_what_runs_into_it(tmp_path):
    """A session that a lesson would cut is not begun; one that runs on is ended on the minute, with its reason."""
    lessons = (Window(days=("MO",), begin="12:10", end="12:50"),)
    made_up = (Window(days=("MO",), begin="11:00", end="20:00"),)
    calendar = Calendar(lessons=lessons, make_up=made_up)
    box = hall(tmp_path, NOON - 25, NOON + 600, calendar=calendar)
    box.run(NOON + 60)
    wait(box, 3600)
    ended = box.centre.told(SessionEnded)
    assert [(each.reason, each.origin) for each in ended] == [("lesson", Origin.PLANNED)]
    assert ended[0].counting == pytest.approx(25.0, abs=1.0)  # enough for the week: nothing is made up


def test_the_centres_play_is_refused_in_a_lesson_and_may_be_put_off(tmp_path):
    """An order is postponable like any start, and comes again an hour later."""
    calendar = Calendar(lessons=(Window(days=WEEKDAYS, begin="12:10", end="12:50"),))
    box = hall(tmp_path, calendar=calendar)
    box.run(NOON - 10)
    box.centre.command(command(Play, box, contents=(FILMS[0].id,)))
    box.run(5)
    assert [reply.reason for reply in box.replies()] == ["it is a lesson hour"]
    wait(box, 3600)
    box.centre.command(command(Play, box, contents=(FILMS[0].id,)))
    box.run(10)
    assert box.core.press(Press.SHORT, box.clock.moment()) is Act.LATER
    wait(box, 3000)
    assert starts(box) == []
    box.run(900)
    assert [origin for origin, _ in starts(box)] == ["command"]
    (put_off,) = box.centre.told(Postponed)
    assert put_off.rule == "command"


def test_a_polite_box_takes_the_tv_from_nobody(tmp_path):
    """While somebody watches another source nothing begins; a firm one takes it after the warning."""
    box = hall(tmp_path, NOON, manner="polite")
    box.television.seen, box.television.source = True, "broadcast"
    box.run(NOON + 1000)
    assert starts(box) == []
    box.television.source = "ours"
    box.run(60)
    assert [origin for origin, _ in starts(box)] == ["make-up"]
    firm = hall(tmp_path / "firm", NOON)
    firm.television.seen, firm.television.source = True, "broadcast"
    firm.run(NOON + 60)
    assert [origin for origin, _ in starts(firm)] == ["planned"]


def test_somebody_who_takes_the_tv_in_the_countdown_keeps_it(tmp_path):
    box = hall(tmp_path, NOON, manner="polite")
    box.television.seen = True
    box.run(NOON - 10)
    box.television.source = "broadcast"
    box.run(60)
    assert starts(box) == []


def test_a_session_before_a_tv_that_is_off_is_made_up_when_it_is_on(tmp_path):
    """TV off never fulfils the minimum, and nothing is made up for an empty screen."""
    box = hall(tmp_path, NOON)
    box.television.seen, box.television.on = True, False
    box.run(NOON + 60)
    wait(box, 1800)
    (ended,) = box.centre.told(SessionEnded)
    assert ended.tv is Tv.OFF
    box.television.on = True
    box.run(120)
    assert [each.tv for each in box.centre.told(SessionEnded)] == [Tv.OFF, Tv.ON]
    wait(box, 7200)
    assert len(starts(box)) == 2


def test_a_box_that_comes_up_in_the_last_minute_still_warns_before_it_begins(tmp_path):
    """Whoever has just switched it on is not taken by surprise: the whole countdown is shown."""
    box = hall(tmp_path, NOON)
    box.run(NOON - 300)
    box.cut_power(dark=300 - 5)
    box.world.wrong_by = timedelta(0)
    box.power_up()
    box.run(20)
    assert starts(box) == []
    box.run(20)
    ((origin, at),) = starts(box)
    assert origin == "planned"
    assert NOON + 24 <= at <= NOON + 28


def test_a_core_that_is_killed_in_a_countdown_begins_on_time_all_the_same(tmp_path):
    box = hall(tmp_path, NOON)
    box.run(NOON - 12)
    box.start_core()
    box.run(20)
    assert starts(box) == [("planned", NOON)]


def test_a_school_whose_other_room_has_met_the_week_makes_nothing_up(tmp_path):
    """The centre's word in an acknowledgement drops this room's make-up."""
    box = hall(tmp_path, NOON)
    box.run(NOON - 300)
    met = Ack(v=1, time=box.world.true, journals=(), week=WeekMet(week="2026-W48", met=True))
    box.centre._send(Leaf.ACK, met)
    box.cut_power(dark=3700)
    box.world.wrong_by = timedelta(0)
    box.power_up()
    box.centre._send(Leaf.ACK, met)
    box.run(1200)
    assert starts(box) == []


def test_a_closed_week_shows_nothing_and_the_centre_is_told_why(tmp_path):
    box = hall(tmp_path, NOON)
    box.shelf.closures = {"2026-W48": "秋收 · harvest"}
    box.rooms.programme.changed()
    box.run(NOON + 600)
    assert starts(box) == []
    (closed,) = box.centre.told(Closed)
    assert (closed.week, closed.reason) == ("2026-W48", "秋收 · harvest")
    assert "本周停播" in layers(box)
    box.start_core()
    box.run(60)
    assert len(box.centre.told(Closed)) == 1


def test_two_sessions_that_overlap_are_shown_one_after_the_other_if_the_first_runs_over(tmp_path):
    """A keeper's own showing holds the planned one up; it begins after it, with its warning."""
    box = hall(tmp_path, NOON)
    box.run(NOON - 50)
    box.core.press(Press.SHORT, box.clock.moment())
    box.run(10)
    box.core.press(Press.LONG, box.clock.moment())
    box.run(300)
    assert [origin for origin, _ in starts(box)] == ["keeper", "planned"]


# the clock


def test_on_a_guess_a_session_comes_ten_minutes_after_power_up_once_a_power_on_day(tmp_path):
    """Somebody switched it on: after ten minutes and the countdown it shows what it owes, and then not again."""
    box = SimulatedBox(tmp_path, TableShelf(FILMS, [slot_of(FILMS, 3600)]), profile(timezone=ZONE))
    box.centre.reachable = False
    box.cut_power()
    box.world.wrong_by = timedelta(days=-9000)
    box.power_up()
    box.run(600 + 25)
    assert not box.playout.on_screen
    box.run(10)
    assert box.playout.on_screen
    wait(box, 20 * 3600)
    box.centre.reachable = True
    box.start_core()
    box.run(10)
    told = box.centre.told(SessionStarted)
    assert len(told) == 1
    assert told[0].trust is Trust.GUESS


def test_the_keeper_sets_the_clock_and_the_wall_clock_rules_fire(tmp_path):
    box = SimulatedBox(tmp_path, TableShelf(FILMS, [slot_of(FILMS, 300)]))
    box.centre.reachable = False
    box.cut_power()
    box.world.wrong_by = timedelta(days=-9000)
    box.power_up()
    box.run(10)
    assert box.core.set_clock(box.world.true, box.clock.moment()) == ""
    assert box.clock.moment().trust is Trust.HAND
    assert box.expansions == 1  # the table was made for another time
    box.run(320)
    box.centre.reachable = True
    box.start_core()
    box.run(10)
    (step,) = [each for each in box.centre.told(ClockSet) if each.source is Trust.HAND]
    assert abs((step.at - START).total_seconds() - 10) < 2
    assert starts(box) == [("planned", 300)]


def test_a_day_is_summed_up_at_the_next_power_up(tmp_path):
    box = hall(tmp_path)
    wait(box, 5 * 3600)
    box.cut_power(dark=8 * 3600)
    box.world.wrong_by = timedelta(0)
    box.power_up()
    box.run(60)
    (day,) = box.centre.told(Day)
    assert day.uptime == pytest.approx(5 * 3600, abs=601)
    assert (day.resets, day.hottest_celsius, day.tv_on) == (0, 41.5, None)


# bulletins


def emergency(**changes) -> Bulletin:
    fields = {
        "id": "flood", "priority": "emergency", "titles": {"zh-Hans": "洪水预警", "en": "Flood warning"},
        "texts": {"zh-Hans": "到高处去"}, "issued": START + timedelta(seconds=NOON + 12), "seconds": 15,
        "not_after": START + timedelta(seconds=NOON + 3600),
    }  # fmt: skip
    return Bulletin(**{**fields, **changes})


@pytest.mark.parametrize("contents", [(), (FILMS[2].id,)], ids=["words", "film"])
def test_an_emergency_bulletin_interrupts_and_the_session_goes_on_at_the_very_second(tmp_path, contents):
    """What was shown until then is told as a part; the rest follows from where it was, and nothing is shown twice."""
    box = hall(tmp_path, NOON)
    box.rooms.programme.changed()
    box.shelf.bulletins = [emergency(contents=contents)]
    box.run(NOON + 14)
    assert not box.playout.on_screen
    assert "洪水预警" in layers(box)
    box.run(60)
    (shown,) = box.centre.told(BulletinShown)
    assert (shown.bulletin, shown.times) == ("flood", 1)
    parts = box.centre.told(SessionEnded)
    assert [(part.part, part.reason) for part in parts] == [(1, "bulletin"), (2, "completed")]
    assert sum(part.counting for part in parts) == pytest.approx(30.0, abs=0.5)
    assert parts[0].counting == pytest.approx(12.0, abs=0.6)
    halves = [clip for clip in box.centre.told(ClipShown) if clip.content == FILMS[1].id]
    assert sum(clip.shown for clip in halves) == pytest.approx(10.0, abs=0.5)


def test_an_emergency_bulletin_breaks_a_countdown_which_begins_again_after_it(tmp_path):
    box = hall(tmp_path, NOON)
    box.rooms.programme.changed()
    box.shelf.bulletins = [emergency(issued=START + timedelta(seconds=NOON - 10), seconds=30)]
    box.run(NOON + 15)
    assert starts(box) == []
    box.run(60)
    assert [origin for origin, _ in starts(box)] == ["planned"]


def test_a_bulletin_that_is_over_is_not_shown(tmp_path):
    """Its last minute passed before this box was switched on; one that is still good is shown."""
    box = hall(tmp_path)
    box.shelf.bulletins = [emergency(id="over", issued=START - timedelta(hours=2), not_after=START)]
    box.rooms.programme.changed()
    box.run(30)
    assert box.centre.told(BulletinShown) == []
    box.shelf.bulletins.append(emergency(id="good", issued=START))
    box.rooms.programme.changed()
    box.run(30)
    assert [each.bulletin for each in box.centre.told(BulletinShown)] == ["good"]


def test_while_the_clock_is_a_guess_only_bulletins_without_an_end_are_shown(tmp_path):
    box = SimulatedBox(tmp_path, TableShelf(FILMS))
    box.centre.reachable = False
    box.cut_power()
    box.world.wrong_by = timedelta(days=-9000)
    box.power_up()
    box.rooms.programme.changed()
    box.shelf.bulletins = [emergency(), emergency(id="always", not_after=None, titles={"zh-Hans": "火警电话119"})]
    box.run(10)
    assert "火警电话119" in layers(box)
    assert "洪水预警" not in layers(box)


def test_a_press_is_known_on_the_screen_before_it_is_made(tmp_path):
    box = hall(tmp_path, NOON)
    box.run(NOON - 20)
    assert "an hour later" in box.player.engine.layers[Layer.COVER]


def test_a_card_that_was_copied_into_another_box_plays_nothing_and_asks_to_be_provisioned(tmp_path):
    """The new box has a journal of its own; the centre hears of it under the old name, and nothing is shown twice."""
    box = hall(tmp_path, NOON)
    box.run(60)
    box.journal.close()
    box.moved, box.serial = True, "another SoC"
    box.power_up()
    box.run(NOON)
    assert starts(box) == []
    assert "这张卡来自另一台机器" in layers(box)
    assert len(box.centre.records) == 2  # the journal of the first box, and a new one
    assert [fault.what for fault in box.centre.told(Fault)] == ["card-moved"]
    assert box.healths()[-1].fault == "card-moved"
