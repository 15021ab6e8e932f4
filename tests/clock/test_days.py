"""Power-on days: the calendar of a box that does not know the date."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from itertools import count

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from estation_box.clock import days
from estation_box.clock.days import DayEnded, DayFacts
from estation_box.clock.moment import Moment
from estation_box.clock.power_days import MAX_BYTES, PowerDays
from estation_box.clock.rules import SAVE_SECONDS
from estation_box.drivers.two_copies import TwoCopies
from estation_wire.records import Day
from estation_wire.values import Trust

HOUR = 3600.0
BOOT_UP = 21.0  # monotonic seconds at which core begins
AT = datetime(2026, 11, 24, tzinfo=UTC)


class Page:
    """A document on a card that can be full."""

    def __init__(self):
        self.data = None
        self.full = False

    def read(self):
        return self.data

    def write(self, data):
        if self.full:
            raise OSError(errno.ENOSPC, "no space left")
        assert len(data) <= MAX_BYTES
        self.data = data


class Hall:
    """A box that is switched on and off; the days that it told, and how long it ran in truth."""

    def __init__(self, document=None, tick=1.0):
        self.document = document or Page()
        self.tick = tick
        self.ended: list[DayEnded] = []
        self.ended_by_power_up: list[DayEnded] = []
        self.ran = 0.0
        self._boots = count()
        self.switch_on()

    def _moment(self):
        return Moment(AT, self.up, self.boot, Trust.GUESS)

    def _begin(self):
        self.days = PowerDays(self.document, self.boot)
        return self.days.begin(self._moment())

    def switch_on(self):
        """After a power cut, which comes without a word."""
        self.boot, self.up = f"{next(self._boots):032x}", BOOT_UP
        ended = self._begin()
        if ended is not None:
            self.ended.append(ended)
            self.ended_by_power_up.append(ended)

    def kill(self, gone=0.0):
        """Core is killed, and comes back after so many seconds of the same boot."""
        self.up += gone
        self.ran += gone
        assert self._begin() is None

    def run(self, seconds, **facts):
        for _ in range(round(seconds / self.tick)):
            self.up += self.tick
            self.ran += self.tick
            ended = self.days.tend(self._moment(), DayFacts(**facts))
            if ended is not None:
                self.ended.append(ended)
        return self.ended

    def stop(self):
        """Shut down in order."""
        self.days.save(self._moment())

    @property
    def since(self):
        return self.days.since_power_up(self._moment())

    @property
    def running(self):
        """How long the day that is not over has run."""
        return self.days._day.uptime


def test_a_day_of_more_than_an_hour_ends_at_the_next_power_up():
    """The hall was switched on for an evening; the next evening is another day."""
    hall = Hall()
    hall.run(2 * HOUR)
    assert hall.ended == []
    hall.switch_on()
    assert hall.ended == [DayEnded(uptime=2 * HOUR)]
    assert (hall.running, hall.since) == (0.0, 0.0)


def test_switching_on_again_within_the_hour_is_the_same_day():
    """Somebody pulls the plug a few times in the morning: one day, with its power-ups counted."""
    hall = Hall()
    for _ in range(3):
        hall.run(1200)
        hall.stop()
        hall.switch_on()
    assert hall.ended == [DayEnded(uptime=HOUR, resets=2)]


def test_a_cut_right_after_the_first_hour_finds_a_day():
    """An evening's film of an hour is a day, though the last saving of every ten minutes was before its end."""
    hall = Hall()
    hall.run(300)
    hall.stop()
    hall.run(HOUR - 300)
    hall.switch_on()
    assert hall.ended == [DayEnded(uptime=HOUR)]


def test_a_box_that_stays_on_ends_its_day_every_24_hours():
    hall = Hall(tick=60.0)
    hall.run(49 * HOUR)
    assert hall.ended == [DayEnded(uptime=24 * HOUR)] * 2
    assert (hall.running, hall.since) == (HOUR, HOUR)


def test_ten_minutes_after_power_up_are_counted_from_the_power_up_or_the_new_day():
    hall = Hall()
    hall.run(500)
    hall.kill(gone=10)
    assert hall.since == 510
    hall.stop()
    hall.switch_on()
    assert hall.since == 0
    hall.run(30)
    assert (hall.since, hall.ended) == (30, [])


def test_a_killed_core_goes_on_with_the_day_and_loses_nothing_of_it():
    """Core was away for two hours; the box was on, though nobody knows whether the TV was."""
    hall = Hall()
    hall.run(600, tv_on=True)
    hall.kill(gone=2 * HOUR)
    hall.run(60, tv_on=True)
    assert hall.running == 660 + 2 * HOUR
    hall.stop()
    hall.switch_on()
    assert hall.ended == [DayEnded(uptime=660 + 2 * HOUR, tv_on=660.0)]


def test_core_was_away_for_days_and_each_is_told():
    """Whatever stopped it: no day is longer than 24 hours, and none is left out."""
    hall = Hall()
    hall.kill(gone=60 * HOUR)
    hall.run(3)
    assert [each.uptime for each in hall.ended] == [24 * HOUR] * 2
    assert hall.running == 12 * HOUR + 3


def test_what_is_known_of_a_day_is_summed_up_and_what_is_not_is_left_out():
    hall = Hall()
    hall.run(600)
    hall.run(600, temperature_celsius=41.5, tv_on=False, card_written_bytes=1000)
    hall.run(1200, temperature_celsius=63.0, tv_on=True, card_written_bytes=5000)
    hall.run(1200, temperature_celsius=52.0)
    hall.stop()
    hall.switch_on()
    assert hall.ended == [DayEnded(uptime=HOUR, hottest_celsius=63.0, tv_on=1200.0, card_written_bytes=5000)]


def test_the_cards_bytes_are_counted_through_cuts_kills_and_days():
    """The kernel counts from each power-up; a killed core does not count twice, nor does a new day."""
    hall = Hall()
    hall.run(600, card_written_bytes=1000)
    hall.kill()
    hall.run(600, card_written_bytes=1500)
    hall.stop()
    hall.switch_on()
    hall.run(600, card_written_bytes=400)
    hall.run(24 * HOUR - 1800, card_written_bytes=700)
    assert hall.ended[0].card_written_bytes == 2200
    hall.run(2 * HOUR, card_written_bytes=800)
    hall.run(1, card_written_bytes=50)  # the card was taken out and put in: its counter begins anew
    hall.stop()
    hall.switch_on()
    assert hall.ended[1].card_written_bytes == 150


@pytest.mark.parametrize("celsius", [-273.0, 4000.0, float("nan"), float("inf")])
def test_a_broken_sensor_tells_no_temperature(celsius):
    hall = Hall(tick=60.0)
    hall.run(24 * HOUR, temperature_celsius=celsius)
    assert hall.ended == [DayEnded(uptime=24 * HOUR)]


def test_a_day_is_the_record_that_goes_to_the_centre():
    hall = Hall(tick=60.0)
    hall.run(24 * HOUR, temperature_celsius=50.0, tv_on=True, card_written_bytes=7)
    body = msgspec.structs.asdict(hall.ended[0])
    record = Day(seq=1, at=AT, up=3.0, boot="0" * 32, trust=Trust.GUESS, **body)
    assert set(body) == set(Day.__struct_fields__) - {"seq", "at", "up", "boot", "trust"}
    assert msgspec.json.decode(msgspec.json.encode(record), type=Day) == record


def test_a_day_that_cannot_be_closed_on_the_card_is_told_later_and_once():
    """A full card: the day waits until it is written down as ended, so that a power cut does not tell it again."""
    hall = Hall(tick=60.0)
    hall.run(24 * HOUR - 60)
    hall.document.full = True
    hall.run(24 * HOUR)
    assert hall.ended == []
    hall.document.full = False
    hall.run(SAVE_SECONDS + 60)
    assert [each.uptime for each in hall.ended] == [24 * HOUR] * 2
    hall.switch_on()
    assert len(hall.ended) == 2


def test_a_cut_while_the_card_is_full_tells_the_day_once_from_what_was_saved():
    hall = Hall(tick=60.0)
    hall.run(2 * HOUR)
    hall.document.full = True
    hall.switch_on()
    hall.run(HOUR)
    assert hall.ended == []
    hall.document.full = False
    hall.switch_on()
    assert hall.ended == [DayEnded(uptime=2 * HOUR)]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff" * 99, b'{"boot":"b","up":1,"began":1}', b'{"boot":"' + b"0" * 32 + b'","up":-1}']
)
def test_a_damaged_day_is_none(data):
    page = Page()
    page.data = data
    hall = Hall(page)
    assert (hall.ended, hall.running) == ([], 0.0)


def test_a_document_that_cannot_be_read_stops_nothing(tmp_path):
    (tmp_path / "power-day").mkdir()  # an error of the card
    hall = Hall(TwoCopies(tmp_path / "power-day"))
    hall.run(60)
    assert hall.running == 60


def test_a_clock_that_stands_still_or_a_restart_before_its_time_is_no_negative_time():
    turn = days.power_up(None, "0" * 32, 100.0)
    assert days.advance(turn.day, 50.0, DayFacts()) == turn.day
    assert days.turn(turn.day) == (turn.day, None)


RUN = st.tuples(st.just("run"), st.integers(1, 200), st.booleans() | st.none())
CUT = st.tuples(st.sampled_from(["cut", "stop"]))
KILL = st.tuples(st.just("kill"), st.integers(0, 5))


@settings(max_examples=150, deadline=None)
@given(st.lists(RUN | RUN | CUT | KILL, max_size=30))
@example([("run", 60, None), ("cut",), ("run", 1441, True), ("kill", 5), ("run", 10, None), ("cut",)])
def test_the_days_are_the_time_that_the_box_ran_whatever_happened_to_it(story):
    """Each second that the box ran is in one day; a cut loses at most what was not saved; no day is told twice."""
    hall = Hall(tick=60.0)
    lost = 0.0
    for what, *rest in story:
        if what == "run":
            hall.run(rest[0] * hall.tick, tv_on=rest[1])
        elif what == "kill":
            hall.kill(rest[0] * hall.tick)
        else:
            if what == "stop":
                hall.stop()
            else:
                lost += SAVE_SECONDS
            hall.switch_on()
        told = sum(each.uptime for each in hall.ended)
        assert hall.ran - lost <= told + hall.running <= hall.ran
        assert hall.running <= days.DAY_SECONDS + hall.tick
    assert all(each.uptime <= days.DAY_SECONDS for each in hall.ended)
    assert all(each.tv_on is None or each.tv_on <= each.uptime for each in hall.ended)
    assert all(each.uptime >= days.HOUR_SECONDS for each in hall.ended_by_power_up)
    others = [each for each in hall.ended if each not in hall.ended_by_power_up]
    assert all(each.uptime == days.DAY_SECONDS for each in others)
