"""Whether the promise was kept, judged without the policy: by hours, records and a diary of the weather alone.

The promise stands in `estation_box.programme.rules`. `broken` says where it was broken; `cause` says why a week was
not met where it was kept: which of its conditions, taken one after the other, left no stretch that was long enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from msgspec import Struct

from estation_box.programme.rules import SETTLES, House
from estation_wire.counts import Evidence, week_of
from estation_wire.hours import Span, Spans, common, merged, span_at, without
from estation_wire.records import Postponed, SessionEnded, SessionStarted
from estation_wire.values import Origin, Trust, Tv
from tests.simulation.hall import Begun, Hall

LATE: Final = timedelta(seconds=61)  # so long after its instant a planned session is certainly missed
MARGIN: Final = timedelta(seconds=1)


class Stretch(Struct):
    """A time in which nothing happened but time."""

    begin: datetime
    end: datetime
    power: bool = True
    tv: Tv = Tv.UNKNOWN
    trust: Trust = Trust.NETWORK
    stocked: bool = True

    @property
    def able(self) -> bool:
        """Power, time, TV and films are there."""
        return self.power and self.tv is not Tv.OFF and self.trust is not Trust.GUESS and self.stocked


class Cause(StrEnum):
    """Why a week was not met, in the order in which it is asked."""

    CLOSED_HOURS = "no opening hours left"
    DARK = "dark"
    GUESS = "clock guessed"
    TV_OFF = "TV off"
    FILMS = "films missing"
    PUT_OFF = "put off"
    TOO_OFTEN = "made up too often"
    IN_USE = "the hall's own showing"
    BROKEN = "promise broken"


_ABLE: Final[tuple[tuple[Cause, Callable[[Stretch], bool]], ...]] = (
    (Cause.DARK, lambda each: each.power),
    (Cause.GUESS, lambda each: each.trust is not Trust.GUESS),
    (Cause.TV_OFF, lambda each: each.tv is not Tv.OFF),
    (Cause.FILMS, lambda each: each.stocked),
)


def stretch_of(hall: Hall) -> Stretch:
    """The stretch that begins now, by the true time."""
    return Stretch(hall.true, hall.true, hall.power, hall.tv, hall.trust, hall.stocked)


def needed(house: House) -> timedelta:
    """How long a stretch the promise asks for."""
    return house.minimum + house.countdown + SETTLES + MARGIN


def broken(week: str, house: House, hall: Hall, stretches: Iterable[Stretch]) -> list[Span]:
    """The stretches that offered all that the promise asks, and in which nothing was made up.

    To be asked of a week that was not met, when no power cut has left a session of it untold.
    """
    bounds, needs = house.hours.bounds(week), needed(house)
    shown = [each for each in sessions(hall) if each[1].begin < bounds.end and each[1].end > bounds.begin]
    found = []
    for stretch in stretches:
        if not stretch.able or stretch.begin == stretch.end:
            continue
        # what the box began by itself inside the stretch is its own choice, and no excuse
        busy = merged(span for own, span in shown if own or span.begin < stretch.begin)
        for free in without((Span(stretch.begin, stretch.end),), busy):
            owed = merged(owed_spans(free, week, house, hall))
            spans = common(common(owed, house.hours.make_up(week)), (free,))
            found += [each for each in spans if each.end - each.begin >= needs and not made_up(each, week, hall)]
    return found


def made_up(span: Span, week: str, hall: Hall) -> bool:
    """Whether a session of the minimum began in ``span``.

    One that reached the minimum in it, and of which the TV was switched off later, before it was over, was shown all
    the same: the reckoning calls the whole of it «TV off», but no box could have known.
    """
    shown, due = hall.ledger.shown_in(hall.house.hours.zone), hall.house.due.seconds
    spoiled = [each for each in shown if each.evidence is Evidence.TV_OFF and each.counting >= due]
    least = timedelta(seconds=due)
    reached = any(span.begin <= each.began + least and each.began < span.end for each in spoiled)
    return reached or any(span.begin <= each.began < span.end for each in hall.counted(week))


def misses(week: str, house: House, hall: Hall) -> list[datetime]:
    """When each session of the week that should have counted was certainly missed, if it did not, by time.

    One that began was not missed before it was over: until then the box could hope.
    """
    bounds = house.hours.bounds(week)
    fit = [slot for slot in hall.slots if bounds.begin <= slot.start < bounds.end]
    names, over = _shown_slots(hall)
    found = []
    for slot in fit:
        if slot.counting >= house.due.seconds:
            name = names.get(slot.key)
            found.append(slot.start + LATE if name is None else max(over.get(name, bounds.end), slot.start + LATE))
    return sorted(found)


def _shown_slots(hall: Hall) -> tuple[dict[tuple[str, datetime], str], dict[str, datetime]]:
    """The session of each slot that began, and when each session was over."""
    names: dict[tuple[str, datetime], str] = {}
    over: dict[str, datetime] = {}
    for record in hall.ledger.everything:
        if isinstance(record, SessionStarted) and record.rule and record.planned:
            names[record.rule, record.planned] = record.session
        elif isinstance(record, SessionEnded):
            over[record.session] = record.began + timedelta(seconds=record.shown)
    return names, over


def owed_spans(free: Span, week: str, house: House, hall: Hall) -> list[Span]:
    """The parts of a free time in which something was missed, not put off, and a make-up of the day was left."""
    bounds, zone = house.hours.bounds(week), house.hours.zone
    missed_at = misses(week, house, hall)
    midnights = [bounds.begin + timedelta(days=day) for day in range(8)]
    marks = sorted({*free, *(mark for mark in (*missed_at, *midnights) if free.begin < mark < free.end)})
    records = hall.ledger.everything
    put_off = [each for each in records if isinstance(each, Postponed) and each.at <= free.begin]
    until = max((each.until for each in put_off if each.until), default=free.begin)
    starts = [each for each in records if isinstance(each, SessionStarted) and each.part == 1]
    made_ups = [each for each in starts if each.origin is Origin.MAKE_UP]
    spans = []
    for begin, end in pairwise(marks):
        missed = sum(miss <= begin for miss in missed_at)
        counted = sum(each.began < begin for each in hall.counted(week))
        day = begin.astimezone(zone).date()
        used = sum(each.at <= begin and each.at.astimezone(zone).date() == day for each in made_ups)
        left = house.make_ups_a_day - used
        if min(house.due.sessions, missed) > counted and left > 0 and max(begin, until) < end:
            spans.append(Span(max(begin, until), end))
    return spans


def sessions(hall: Hall) -> list[tuple[bool, Span]]:
    """When something was on the screen, and whether a person had begun it."""
    begun: dict[tuple[str, int], SessionStarted] = {}
    spans = []
    for record in hall.ledger.everything:
        if isinstance(record, SessionStarted):
            begun[record.session, record.part] = record
        elif isinstance(record, SessionEnded) and (record.session, record.part) in begun:
            started = begun.pop((record.session, record.part))
            spans.append((started.origin is Origin.KEEPER, Span(started.at, record.at)))
    going = [(each.origin is Origin.KEEPER, Span(each.at, hall.now + timedelta(days=9))) for each in begun.values()]
    return spans + going


def cause(week: str, house: House, hall: Hall, stretches: Sequence[Stretch]) -> Cause:
    """Why a week was not met: the first condition that left no stretch; `Cause.BROKEN` where every one held."""
    missed_at = misses(week, house, hall)
    needs, end = needed(house), house.hours.bounds(week).end
    after = (Span(missed_at[0], end),) if missed_at and missed_at[0] < end else ()
    hours = common(house.hours.make_up(week), after)
    if not _holds(hours, needs):
        return Cause.CLOSED_HOURS
    for named, has in _ABLE:
        stretches = [each for each in stretches if has(each)]
        if not any(_holds(common(hours, spans), needs) for spans in _runs(stretches)):
            return named
    for named, lefts in (
        (Cause.PUT_OFF, _not_put_off(hall, stretches)),
        (Cause.TOO_OFTEN, _with_make_ups_left(week, house, hall, stretches)),
    ):
        if not any(_holds(common(hours, (left,)), needs) for left in lefts):
            return named
    if broken(week, house, hall, stretches):
        return Cause.BROKEN
    return _last_word(week, house, hall, stretches)


def _last_word(week: str, house: House, hall: Hall, stretches: Sequence[Stretch]) -> Cause:
    """Every condition held for some stretch, but not all at once."""
    shown = hall.ledger.shown_in(house.hours.zone)
    if any(each.week == week and each.evidence is Evidence.TV_OFF for each in shown):
        return Cause.TV_OFF
    if any(own for own, _ in sessions(hall)):
        return Cause.IN_USE
    records = hall.ledger.everything
    put_off = [each for each in records if isinstance(each, Postponed) and week_of(each.at, house.hours.zone) == week]
    return Cause.PUT_OFF if put_off else Cause.TOO_OFTEN


def _not_put_off(hall: Hall, stretches: Sequence[Stretch]) -> list[Span]:
    """What of each stretch is left after «later»."""
    put_off = [each for each in hall.ledger.everything if isinstance(each, Postponed) and each.until is not None]
    lefts = []
    for stretch in stretches:
        until = max((each.until for each in put_off if each.until and each.at <= stretch.begin), default=stretch.begin)
        if max(until, stretch.begin) < stretch.end:
            lefts.append(Span(max(until, stretch.begin), stretch.end))
    return lefts


def _with_make_ups_left(week: str, house: House, hall: Hall, stretches: Sequence[Stretch]) -> list[Span]:
    spans = [Span(each.begin, each.end) for each in stretches if each.begin < each.end]
    return [left for span in spans for left in merged(owed_spans(span, week, house, hall))]


def _runs(stretches: Iterable[Stretch]) -> Iterable[Spans]:
    return ((Span(each.begin, each.end),) for each in stretches if each.begin < each.end)


def _holds(spans: Iterable[Span], needs: timedelta) -> bool:
    return any(span.end - span.begin >= needs for span in spans)


def faults_of(begun: Begun, house: House, others: Iterable[Begun]) -> list[str]:
    """What a hall could not expect of an automatic start; ``others``: all starts around it, itself among them."""
    zone = house.hours.zone
    found = [] if begun.warned >= house.countdown.total_seconds() - 0.001 else ["no warning"]
    if begun.trust is Trust.GUESS:
        same = [each for each in others if each.trust is Trust.GUESS and each.day == begun.day]
        runs_away = ["more than one start in a power-on day"] if len(same) > 1 else []
        return found + runs_away + (["by itself, in a polite hall"] if house.polite else [])
    week = week_of(begun.at, zone)
    if house.hours.closed(week) is not None:
        found.append("in a closed week")
    if span_at(house.hours.opening(week), begun.at) is None:
        found.append("outside the opening hours")
    if span_at(house.hours.lessons(week), begun.at) is not None:
        found.append("in a lesson")
    if begun.origin is Origin.MAKE_UP:
        day = begun.at.astimezone(zone).date()
        same = [each for each in others if each.origin is Origin.MAKE_UP and each.trust is not Trust.GUESS]
        if sum(each.at.astimezone(zone).date() == day for each in same) > house.make_ups_a_day:
            found.append("more make-ups than the day's number")
        if begun.counted >= house.due.sessions:
            found.append("a make-up though the week was met")
    return found
