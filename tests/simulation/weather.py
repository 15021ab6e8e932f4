"""A year of weather for one hall, drawn from a seed: its power, clock, TV, films, people and programme.

Nothing here knows the policy. The same seed and number give the same year, whatever the box makes of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from estation_box.programme.rules import House
from estation_wire.counts import Due, week_of
from estation_wire.hours import WEEKDAYS, Calendar, ClosedWeek, Hours, Span, Term, Window, instant, merged, span_at
from estation_wire.planner import Length, Slot, settled
from estation_wire.values import Trust, Tv

ZONE: Final = ZoneInfo("Asia/Urumqi")
BEGIN: Final = datetime(2025, 12, 28, 18, tzinfo=UTC)  # Monday 00:00 in Urumqi, of 2026-W01
USUAL_WEEK, USUAL_MONDAY = "2026-W20", datetime(2026, 5, 10, 18, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(weeks=1)
NEVER_ARRIVES: Final = 0.02  # one video in fifty
ALWAYS_GUESSING: Final = 0.1  # one box in ten has neither clock nor network
SOMETIMES_GUESSING: Final = 0.15  # a network that stays away for days or weeks
Kind = Literal["village", "school"]


class Habit(StrEnum):
    """How the power is in a hall."""

    STEADY = "steady"
    EVENINGS = "dark in the evenings"
    DAYS = "dark for days"
    NIGHTS = "switched off at night"
    RARELY = "switched on for a few hours"


HABITS: Final[Mapping[Habit, int]] = {
    Habit.STEADY: 46, Habit.EVENINGS: 20, Habit.DAYS: 15, Habit.NIGHTS: 14, Habit.RARELY: 5,
}  # fmt: skip
"""Of a hundred halls; together about a fifth of all hours is dark."""


class Does(StrEnum):
    """What may happen to a hall, in the order in which it happens at one instant."""

    WEEK_ENDS = "0"
    TV = "1"
    FILMS = "2"
    LOSES_TIME = "3"
    POWER_OFF = "4"
    POWER_ON = "5"
    LEARNS_TIME = "6"
    OWN_SESSION = "7"


class Event(NamedTuple):
    """Something happens; ``what`` says more of it."""

    at: datetime
    does: Does
    number: int
    what: Any = None


class Weather(Struct, frozen=True):
    """One hall and its year. ``later``, ``tomorrow``: how likely a countdown is put off so."""

    number: int
    habit: Habit
    house: House
    slots: list[Slot]
    films: Mapping[str, Length]
    missing: set[str]
    guessing: bool
    tv: Tv
    later: float
    tomorrow: float
    events: list[Event]
    dark: float


def films(seed: int) -> dict[str, Length]:
    """The library that the network has published: sixty films, of which five do not count."""
    dice = random.Random(f"films/{seed}")
    lengths = [float(dice.randrange(180, 900, 10)) for _ in range(60)]
    return {f"film-{n:02}": Length(each, 0.0 if n % 12 == 7 else each) for n, each in enumerate(lengths)}


def weather(seed: int, number: int, weeks: int, kind: Kind, library: Mapping[str, Length]) -> Weather:
    """The year of hall ``number``."""
    dice = random.Random(f"{seed}/{number}/{kind}")
    end = BEGIN + weeks * WEEK
    house = _house(dice, kind)
    habit = dice.choices(list(HABITS), weights=list(HABITS.values()))[0]
    dark = merged(Span(max(each.begin, BEGIN), min(each.end, end)) for each in _darkness(dice, habit, weeks))
    slots = _programme(dice, house, weeks, library)
    missing = {name for name in library if dice.random() < NEVER_ARRIVES}
    guessing = dice.random() < ALWAYS_GUESSING
    events = [
        *((BEGIN + (n + 1) * WEEK, Does.WEEK_ENDS, week_of(BEGIN + n * WEEK, ZONE)) for n in range(weeks)),
        *((span.begin, Does.POWER_OFF, None) for span in dark),
        *((span.end, Does.POWER_ON, None) for span in dark if span.end < end),
        *_own_sessions(dice, weeks, library),
        *_new_card(dice, weeks, library, missing),
    ]
    if not guessing and dice.random() < SOMETIMES_GUESSING / (1 - ALWAYS_GUESSING):
        events += _lost_networks(dice, weeks)
    tv, switched = _television(dice, weeks)
    later = dice.choices([0.01, 0.08, 0.35], weights=[70, 22, 8])[0]
    told = [(at, does, what) for at, does, what in [*events, *switched] if BEGIN < at <= end]
    told.sort(key=lambda each: each[:2])
    return Weather(
        number=number,
        habit=habit,
        house=house,
        slots=slots,
        films=library,
        missing=missing,
        guessing=guessing,
        tv=tv,
        later=later,
        tomorrow=later / 3,
        events=[Event(at, does, n, what) for n, (at, does, what) in enumerate(told)],
        dark=sum((span.end - span.begin for span in dark), timedelta()) / (end - BEGIN),
    )


Happening = tuple[datetime, Does, Any]


class KnownHours(Hours):
    """The same hours; the answers are remembered, since a thousand halls ask the same."""

    def __init__(self, calendar: Calendar) -> None:
        super().__init__(calendar, ZONE)
        self._bounds: dict[str, Span] = {}
        self._last: dict[str, datetime] = {}

    def bounds(self, week: str) -> Span:
        found = self._bounds.get(week)
        return found or self._bounds.setdefault(week, super().bounds(week))

    def last_window_day(self, week: str) -> datetime:
        found = self._last.get(week)
        return found or self._last.setdefault(week, super().last_window_day(week))

    def midnight(self, day: date) -> datetime:
        return _midnight(day)


@lru_cache(maxsize=1000)
def _midnight(day: date) -> datetime:
    return instant(datetime.combine(day, time()), ZONE)


@lru_cache(maxsize=256)
def _hours(calendar: Calendar) -> Hours:
    """Halls with the same calendar share what follows from it."""
    return KnownHours(calendar)


def _house(dice: random.Random, kind: Kind) -> House:
    if kind == "school":
        return House(hours=_hours(_school()), due=Due(sessions=1, seconds=300.0), polite=True)
    opening = dice.choices(
        [
            (Window(days=WEEKDAYS, begin="08:00", end="22:00"),),
            (Window(days=WEEKDAYS[:6], begin="09:00", end="21:00"),),
            (Window(days=WEEKDAYS, begin="10:00", end="13:00"), Window(days=WEEKDAYS, begin="15:00", end="20:00")),
        ],
        weights=[60, 25, 15],
    )[0]
    make_up = (Window(days=("TU", "TH", "SA"), begin="15:00", end="20:00"),) if dice.random() < 0.2 else ()
    closed = [ClosedWeek(week="2026-W08", reason="春节 · Spring Festival")]
    if dice.random() < 0.3:
        closed += [ClosedWeek(week=f"2026-W{week}", reason="收获 · harvest") for week in (38, 39)]
    calendar = Calendar(opening=opening, make_up=make_up, closed=tuple(closed))
    return House(hours=_hours(calendar), due=Due(sessions=1, seconds=600.0), own_session_cancels=dice.random() < 0.5)


def _school() -> Calendar:
    days = WEEKDAYS[:5]
    return Calendar(
        opening=(Window(days=days, begin="08:00", end="19:30"),),
        lessons=(
            Window(days=days, begin="09:00", end="12:30"),
            Window(days=days, begin="14:30", end="17:00"),
        ),
        make_up=(Window(days=days, begin="12:30", end="14:30"), Window(days=days, begin="17:00", end="19:00")),
        terms=(Term(first="2026-W09", last="2026-W27"), Term(first="2026-W35", last="2026-W52")),
        closed=(ClosedWeek(week="2026-W18", reason="劳动节 · May holidays"),),
    )


def _darkness(dice: random.Random, habit: Habit, weeks: int) -> Iterator[Span]:
    """The hours without power: outages, and what is usual in this hall."""
    outages = {Habit.STEADY: (0.9, 2.0), Habit.DAYS: (0.14, 46.0)}.get(habit, (0.5, 2.0))
    yield from _spells(dice, weeks, a_day=outages[0], hours=outages[1])
    begins, lasts = dice.uniform(18.0, 19.5), dice.uniform(2.0, 4.0)
    for day in range(weeks * 7):
        midnight = BEGIN + day * DAY
        if habit is Habit.EVENINGS and dice.random() < 0.8:
            begin = midnight + (begins + dice.uniform(-0.3, 0.3)) * HOUR
            yield Span(begin, begin + lasts * HOUR)
        elif habit is Habit.NIGHTS:
            yield Span(midnight + dice.uniform(21.0, 23.5) * HOUR, midnight + dice.uniform(31.5, 33.5) * HOUR)
        elif habit is Habit.RARELY:
            yield from _but_for_a_few_hours(dice, midnight)


def _but_for_a_few_hours(dice: random.Random, midnight: datetime) -> Iterator[Span]:
    if dice.random() < 0.45:
        yield Span(midnight, midnight + DAY)
        return
    begin = midnight + dice.uniform(9.0, 19.0) * HOUR
    yield Span(midnight, begin)
    yield Span(begin + dice.uniform(0.2, 3.0) * HOUR, midnight + DAY)


def _spells(dice: random.Random, weeks: int, *, a_day: float, hours: float) -> Iterator[Span]:
    """Spans that come by chance and last ``hours`` on the average."""
    at, end = BEGIN, BEGIN + weeks * WEEK
    while True:
        at += dice.expovariate(a_day) * DAY
        if at >= end:
            return
        lasts = max(dice.expovariate(1 / hours), 0.02)
        yield Span(at, at + lasts * HOUR)
        at += lasts * HOUR


def _lost_networks(dice: random.Random, weeks: int) -> Iterator[Happening]:
    for span in merged(_spells(dice, weeks, a_day=1 / 90, hours=dice.choice([72.0, 400.0]))):
        yield span.begin, Does.LOSES_TIME, Trust.GUESS
        yield span.end, Does.LEARNS_TIME, dice.choice([Trust.NETWORK, Trust.NETWORK, Trust.HAND])


def _television(dice: random.Random, weeks: int) -> tuple[Tv, list[Happening]]:
    """Most TVs tell nothing. Those that do are off for some hours now and then, a few for weeks."""
    if dice.random() < 0.75:
        return Tv.UNKNOWN, []
    spells = dice.choices([(0.4, 8.0), (0.05, 90.0), (0.02, 500.0)], weights=[70, 20, 10])[0]
    switched: list[Happening] = []
    for span in merged(_spells(dice, weeks, a_day=spells[0], hours=spells[1])):
        switched += [(span.begin, Does.TV, Tv.OFF), (span.end, Does.TV, Tv.ON)]
    return Tv.ON, switched


def _own_sessions(dice: random.Random, weeks: int, library: Mapping[str, Length]) -> Iterator[Happening]:
    a_week = dice.choices([0.02, 0.5], weights=[80, 20])[0]
    for week in range(weeks):
        if dice.random() < a_week:
            chosen = dice.sample(sorted(library), dice.choice([1, 2, 2]))
            at = BEGIN + week * WEEK + dice.randrange(7) * DAY + dice.uniform(9.0, 21.0) * HOUR
            yield at, Does.OWN_SESSION, chosen


def _new_card(dice: random.Random, weeks: int, library: Mapping[str, Length], missing: set[str]) -> Iterator[Happening]:
    """In three halls of a hundred the card is replaced, and the films come weeks later."""
    if dice.random() < 0.03:
        begin = BEGIN + dice.uniform(0, weeks) * WEEK
        yield begin, Does.FILMS, set(library)
        yield begin + dice.uniform(0.5, 5.0) * WEEK, Does.FILMS, missing


def _programme(dice: random.Random, house: House, weeks: int, library: Mapping[str, Length]) -> list[Slot]:
    """One planned session a week that counts, another programme every few weeks; some have a short item besides."""
    slots: list[Slot] = []
    week, number = -1, 0
    names = sorted(library)
    while week <= weeks:
        lasts, number = dice.randrange(3, 9), number + 1
        start = _start(dice, house)
        extra = dice.random() < 0.3
        short = dice.randrange(7) * DAY + dice.choice([9.5, 12.0, 18.0]) * HOUR
        for each in range(week, week + lasts):
            monday = BEGIN + each * WEEK
            chosen = _enough(dice, names, library, house.due.seconds)
            slots.append(_slot(f"p{number}", monday + start, chosen, library))
            if extra:
                slots.append(_slot(f"p{number}-short", monday + short, dice.sample(names, 1), library))
        week += lasts
    slots.sort(key=lambda slot: slot.start)
    return [slot for slot in settled(slots, house.hours, house.due.seconds) if not slot.yields_to]


def _start(dice: random.Random, house: House) -> timedelta:
    """When in the week the planned session begins: in the opening hours, not in a lesson."""
    if house.polite:
        return dice.randrange(5) * DAY + dice.choice([8.25, 12.75, 13.5, 17.25]) * HOUR
    while True:
        start = dice.randrange(7) * DAY + dice.choice([10.0, 11.5, 16.0, 17.0, 19.5, 20.0, 20.5]) * HOUR
        if span_at(house.hours.opening(USUAL_WEEK), USUAL_MONDAY + start):
            return start


def _enough(dice: random.Random, names: list[str], library: Mapping[str, Length], seconds: float) -> list[str]:
    """Two to four films that last for the minimum."""
    chosen = dice.sample(names, 2)
    while sum(library[name].counting for name in chosen) < seconds or len(chosen) < 2:
        chosen.append(next(name for name in iter(lambda: dice.choice(names), "") if name not in chosen))
    return chosen


def _slot(rule: str, start: datetime, contents: list[str], library: Mapping[str, Length]) -> Slot:
    return Slot(
        rule=rule,
        start=start,
        contents=tuple(contents),
        length=sum(library[name].seconds for name in contents),
        counting=sum(library[name].counting for name in contents),
    )
