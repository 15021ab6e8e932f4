"""A population of halls through a year: the real policy in each, judged by the real reckoning and by the oracle.

Beside it a peer in the same weather: a plain weekly cron entry, which plays at the planned minute or not at all.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from estation_box.programme.courtesy import Act
from estation_box.programme.guessing import AFTER_POWER_UP, SPAN_DAYS
from estation_box.programme.rules import House
from estation_wire import counts
from estation_wire.counts import Evidence, Showing, Verdict, judge, week_of
from estation_wire.hours import span_at
from estation_wire.planner import Length, Slot
from estation_wire.records import Boot, Day
from estation_wire.values import Origin, Trust, Tv
from tests.simulation.hall import Begun, Hall, Told
from tests.simulation.oracle import LATE, Stretch, cause, faults_of, needed, stretch_of
from tests.simulation.weather import BEGIN, WEEK, ZONE, Does, Event, Kind, Weather, films, weather

MET, MADE_UP, NOT_DUE = "met", "made up", "not due"
REMEMBERED_WEEKS: Final = 2  # records of so many weeks stay with a hall that guesses now and then; one elsewhere
Altered = Callable[[House], House]


class BoxYear(Struct):
    """What became of one hall. ``weeks``: `MET`, `MADE_UP`, `NOT_DUE` or a `Cause`, week by week."""

    number: int
    habit: str
    guessing: bool
    dark: float
    weeks: list[str] = []
    cron: list[bool] = []
    guessed: list[bool] = []
    make_ups: Counter[tuple[int, int]] = Counter()
    """By weekday and hour."""
    starts: int = 0
    unknowing: int = 0
    """Starts on a guessed clock…"""
    out_of_hours: int = 0
    """… and those that really were outside the opening hours: nobody forbids it, but whoever reads this should know."""
    faults: list[str] = []
    spans: int = 0
    """Spans of seven power-on days, each with time enough, of a box that does not know the time…"""
    kept: int = 0
    """… and those with a session that counts."""


class Piece(NamedTuple):
    """A stretch, how far the box's clock was behind in it, and which films the card lacked."""

    stretch: Stretch
    behind: timedelta
    missing: set[str]


class Ended(NamedTuple):
    """A week that is over but not judged yet."""

    week: str
    pieces: list[Piece]


def population(
    boxes: int, weeks: int, seed: int, kind: Kind = "village", altered: Altered = lambda house: house
) -> Iterator[BoxYear]:
    """Each hall's year, one after the other. ``altered``: a fault for the house rules, to see that it is noticed."""
    library = films(seed)
    for number in range(boxes):
        yield Year(weather(seed, number, weeks, kind, library), seed, altered).run()


class Year:
    """One hall's year."""

    def __init__(self, given: Weather, seed: int, altered: Altered) -> None:
        self.given = given
        self.asked = given.house
        self.house = altered(given.house)
        self.hall = Hall(self.house, given.slots, given.films, BEGIN)
        self.hall.tv, self.hall.missing = given.tv, given.missing
        self.hall.keeper = self._pressed
        loses = any(event.does is Does.LOSES_TIME for event in given.events)
        self.hall.idle = (Boot,) if given.guessing else () if loses else (Boot, Day)  # they would only bound guesses
        self._dice = random.Random(f"{seed}/{given.number}/presses")
        self._trust = Trust.GUESS if given.guessing else Trust.NETWORK
        self._pieces: list[Piece] = []
        self._all_pieces: list[Piece] = []
        self._ended: list[Ended] = []
        self._marks: list[tuple[int, int]] = []
        self._begun: list[Begun] = []
        self._told: list[Told] = []
        self._disturbed: list[datetime] = []
        self._put_off_days: set[int] = set()
        self._runs: list[tuple[datetime, datetime]] = []
        self._on = BEGIN
        self.result = BoxYear(given.number, given.habit.value, given.guessing, given.dark)
        self.result.weeks, self.result.cron, self.result.guessed = [], [], []
        self.result.make_ups, self.result.faults = Counter(), []

    def run(self) -> BoxYear:
        """Let the year pass."""
        hall = self.hall
        hall.power_up(self._trust)
        self._touched()
        for event in self.given.events:
            seconds = (event.at - hall.true).total_seconds()
            if seconds > 0:
                hall.advance(seconds)
            self._happens(event)
            if self._ended and not hall.cut_short and hall.screen is None:
                self._judge()
        if hall.power:
            self._runs.append((self._on, hall.true))
        else:
            hall.power_up()  # it tells what the cut has ended
        self._judge()
        self._look_back()
        return self.result

    def _happens(self, event: Event) -> None:
        hall, does, what = self.hall, event.does, event.what
        if does is Does.WEEK_ENDS:
            self._touched()
            self._ended.append(Ended(what, self._pieces[:-1]))
            self._all_pieces += self._pieces[:-1]
            self._pieces = self._pieces[-1:]
            return
        if does is Does.POWER_OFF:
            hall.cut_power()
            self._runs.append((self._on, hall.true))
        elif does is Does.POWER_ON:
            hall.power_up(self._trust)
            self._on = hall.true
        elif does in {Does.LOSES_TIME, Does.LEARNS_TIME}:
            self._trust = what  # a clock that is right runs on until the power fails
            if hall.power and what is not Trust.GUESS and hall.trust is Trust.GUESS:
                hall.learn_time(what)
        elif self._meets(does, what):
            self._disturbed.append(hall.true)
        self._touched()

    def _meets(self, does: Does, what: Any) -> bool:
        """TV, films and people; whether anything came of it."""
        hall = self.hall
        if does is Does.TV:
            hall.set_tv(what)
        elif does is Does.FILMS:
            hall.missing = what
        else:
            held = [hall.films[name] for name in what if name not in hall.missing]
            return bool(held) and hall.own_session([(film.seconds, film.counting) for film in held])
        return True

    def _pressed(self) -> Act | None:
        """The keeper sees a countdown."""
        drawn = self._dice.random()
        if drawn >= self.given.later + self.given.tomorrow:
            return None
        self._disturbed.append(self.hall.true)
        self._touched()
        if drawn < self.given.later:
            return Act.LATER
        self._put_off_days.add(self.hall.day)
        return Act.TOMORROW

    def _touched(self) -> None:
        """Something happened: a new stretch begins."""
        hall = self.hall
        if self._pieces:
            self._pieces[-1].stretch.end = hall.true
        self._pieces.append(Piece(stretch_of(hall), hall.true - hall.now, hall.missing))

    # judging

    def _judge(self) -> None:
        """The weeks that are over, now that everything of them is told."""
        for ended in self._ended:
            self._judge_week(ended)
        self._ended.clear()
        hall = self.hall
        self._begun = [each for each in self._begun if hall.true - each.true < 2 * WEEK] + hall.begun
        for begun in hall.begun:
            self._look_at(begun)
        hall.begun.clear()
        self._told += hall.told
        hall.told.clear()
        self._marks.append((hall.day, hall.ledger.last))
        back = 1 if hall.idle else REMEMBERED_WEEKS
        old = [seq for day, seq in self._marks[:-back] if Day in hall.idle or hall.day - day > SPAN_DAYS + 1]
        if old:
            hall.forget(old[-1])
            self._marks = [mark for mark in self._marks if mark[1] > old[-1]]

    def _judge_week(self, ended: Ended) -> None:
        hall, house = self.hall, self.house
        stretches = [piece.stretch for piece in ended.pieces]
        guessed = any(each.power and each.trust is Trust.GUESS for each in stretches)
        parts = [told.part for told in (*self._told[-60:], *hall.told)] if guessed else []
        shown = counts.showings(parts, ZONE) if guessed else hall.ledger.shown_in(ZONE)
        closed = house.hours.closed(ended.week) is not None
        verdict = judge(ended.week, shown, house.due, closed=closed).verdict
        self.result.guessed.append(guessed)
        if closed:
            self.result.weeks.append(NOT_DUE)
        elif verdict is Verdict.MET:
            self.result.weeks.append(MADE_UP if self._late(ended.week, shown) else MET)
        else:
            self.result.weeks.append(cause(ended.week, self.asked, hall, stretches))

    def _late(self, week: str, shown: Iterable[Showing]) -> bool:
        """Whether the planned session had been missed when the week was met."""
        due = self.house.due
        good = [each for each in shown if each.week == week and each.counting >= due.seconds]
        first = min(each.began for each in good if each.evidence is not Evidence.TV_OFF)
        begin = self.house.hours.bounds(week).begin
        return any(begin <= slot.start < first - LATE and slot.counting >= due.seconds for slot in self.given.slots)

    def _look_at(self, begun: Begun) -> None:
        self.result.starts += 1
        for fault in faults_of(begun, self.asked, self._begun):
            self.result.faults.append(f"{fault}: hall {self.given.number}, {begun.at.isoformat()}")
        if begun.trust is Trust.GUESS:
            self.result.unknowing += 1
            self.result.out_of_hours += span_at(self.asked.hours.opening(week_of(begun.true, ZONE)), begun.true) is None
        elif begun.origin is Origin.MAKE_UP:
            local = begun.true.astimezone(ZONE)
            self.result.make_ups[local.weekday(), local.hour] += 1

    # looking back on the whole year

    def _look_back(self) -> None:
        if self.given.guessing and not self.house.polite:
            self._look_at_spans()
        met = {week_of(at, ZONE) for at in (*self._by_cron(), *self._by_keeper())}
        for number, became in enumerate(self.result.weeks):
            self.result.cron.append(became != NOT_DUE and week_of(BEGIN + number * WEEK, ZONE) in met)

    def _look_at_spans(self) -> None:
        """Seven power-on days in a row, each with one run that was long enough: one session of them must count."""
        able = self._able_days()
        sums: dict[str, float] = defaultdict(float)
        last: dict[str, int] = {}
        spoiled = set()
        for told in self._told:
            sums[told.part.session] += told.part.counting
            last[told.part.session] = told.day
            spoiled |= {told.part.session} if told.part.tv is Tv.OFF else set()
        good = {
            last[name] for name, counting in sums.items() if counting >= self.asked.due.seconds and name not in spoiled
        }
        for first in range(self.hall.day - SPAN_DAYS + 1):
            span = range(first, first + SPAN_DAYS)
            if all(day in able for day in span):
                self.result.spans += 1
                self.result.kept += any(day in good for day in span)

    def _able_days(self) -> set[int]:
        """The power-on days with an undisturbed run of the wait, the countdown and the minimum."""
        needs = AFTER_POWER_UP + needed(self.asked)
        began = self.hall.days_began
        off = [each.stretch for each in self._all_pieces if each.stretch.tv is Tv.OFF or not each.stretch.stocked]
        able = set()
        for begin, end in self._runs:
            first = max(bisect_left(began, begin + timedelta(milliseconds=1)) - 1, 0)
            for day in range(first, len(began)):
                start, stop = max(begin, began[day]), min(end, began[day + 1]) if day + 1 < len(began) else end
                if start >= stop:
                    break
                disturbed = any(start <= at < stop for at in self._disturbed)
                disturbed = disturbed or any(each.begin < stop and start < each.end for each in off)
                if stop - start >= needs and not disturbed and day not in self._put_off_days:
                    able.add(day)
        return able

    def _by_cron(self) -> Iterator[datetime]:
        """When a weekly cron entry would have shown the minimum, in the same weather."""
        starts = [slot.start for slot in self.given.slots]
        pieces = self._all_pieces
        for place, piece in enumerate(pieces):
            stretch = piece.stretch
            if not stretch.power or stretch.tv is Tv.OFF:
                continue
            first = bisect_left(starts, stretch.begin - piece.behind)
            for slot in self.given.slots[first : bisect_left(starts, stretch.end - piece.behind)]:
                at = slot.start + piece.behind
                if self._cron_shows(slot, at, pieces, place):
                    yield at

    def _cron_shows(self, slot: Slot, at: datetime, pieces: list[Piece], place: int) -> bool:
        due, hours = self.asked.due, self.asked.hours
        held = [self.given.films[name] for name in slot.contents if name not in pieces[place].missing]
        if _minimum_after(held, due.seconds) is None:
            return False
        if span_at(hours.opening(week_of(at, ZONE)), at) is None:
            return False
        until = at + timedelta(seconds=due.seconds)
        while pieces[place].stretch.end < until:
            place += 1
            if place == len(pieces) or not pieces[place].stretch.power or pieces[place].stretch.tv is Tv.OFF:
                return False
        return True

    def _by_keeper(self) -> Iterator[datetime]:
        """The keeper's own sessions count in either world."""
        for told in self._told:
            part = told.part
            if told.origin is Origin.KEEPER and part.counting >= self.asked.due.seconds and part.tv is not Tv.OFF:
                yield part.began


def _minimum_after(held: Iterable[Length], seconds: float) -> float | None:
    total = sum(film.counting for film in held)
    return total if total >= seconds else None


def without_make_ups(house: House) -> House:
    """A planted fault: nothing is made up."""
    return replace(house, make_ups_a_day=0)


def causes(years: Iterable[BoxYear]) -> Counter[str]:
    """How many box-weeks became what."""
    return Counter(week for year in years for week in year.weeks)
