"""What is planned, and why not: a pure decision over the table of slots, on the box and in the centre's preview alike.

A slot is one occurrence of a rule at a concrete instant. Of two that overlap one yields, before either is shown; a slot
in a closed week, outside the opening hours or in a lesson is not shown, and the reason can be told.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from estation_wire.counts import week_of
from estation_wire.hours import Hours, span_at

LATE_AFTER: Final = timedelta(seconds=60)  # a start more than this late is a miss, not a late start
FILL_MARGIN: Final = 1.05
"""How much more than the minimum a session that nobody planned is given: what is counted is up to 2 % less than the
films have, and a session short by a second is none."""
_SHORTEST: Final = timedelta(seconds=1)  # a session of which nothing is known still takes its start for itself


class Length(NamedTuple):
    """Seconds of an item, and how many of them count for the minimum."""

    seconds: float
    counting: float


class Slot(Struct, frozen=True, kw_only=True):
    """One planned session: a rule's occurrence at a concrete instant (UTC).

    ``length`` and ``counting`` are the seconds that the catalogue gives its items, all and those that count;
    ``yields_to`` names the rule that is shown in its place.
    """

    rule: str
    start: datetime
    contents: tuple[str, ...]
    series: str = ""
    priority: int = 5
    length: float = 0.0
    counting: float = 0.0
    yields_to: str = ""

    @property
    def key(self) -> tuple[str, datetime]:
        """What tells one slot from another."""
        return self.rule, self.start

    @property
    def end(self) -> datetime:
        """When it would be over."""
        return self.start + timedelta(seconds=self.length)


class Why(StrEnum):
    """Why a planned slot is shown, or not. The sentences stand in `SENTENCES`."""

    PLANNED = "planned"
    CLOSED_WEEK = "closed-week"
    CLOSED_HOURS = "outside-opening-hours"
    LESSON = "lesson-hour"
    YIELDS = "yields"
    DONE = "done"
    POSTPONED = "postponed"
    MISSED = "missed"
    CANCELLED = "cancelled-by-own-session"


SENTENCES: Final[Mapping[Why, tuple[str, str]]] = {
    Why.PLANNED: ("按节目单播放", "the programme says so"),
    Why.CLOSED_WEEK: ("本周停播", "the site is closed in this week: nothing plays by itself, nothing is owed"),
    Why.CLOSED_HOURS: ("不在开放时间内", "it would start outside the opening hours"),
    Why.LESSON: ("上课时间，不打扰", "it would disturb a lesson"),
    Why.YIELDS: ("让位于另一场", "another session of higher priority overlaps it"),
    Why.DONE: ("已经开始过", "it was begun already"),
    Why.POSTPONED: ("已推迟", "somebody pressed «later»"),
    Why.MISSED: ("已错过", "its start is past: the box had no power, did not know the time, or was busy"),
    Why.CANCELLED: ("自办场次已达标", "the site's own session has met the week already"),
}
"""Chinese and English for each reason."""


class Judged(NamedTuple):
    """A slot, and whether it is shown: `Why.PLANNED`, or why not. ``detail`` names the other rule or the reason."""

    slot: Slot
    why: Why
    detail: str = ""


def standing(slot: Slot, hours: Hours, minimum_seconds: float) -> Judged:
    """What the site's calendar says of a slot, whatever else happens.

    A slot that a lesson would cut before the minimum is shown is not begun at all.
    """
    week = week_of(slot.start, hours.zone)
    closed = hours.closed(week)
    if closed is not None:
        return Judged(slot, Why.CLOSED_WEEK, closed)
    if slot.yields_to:
        return Judged(slot, Why.YIELDS, slot.yields_to)
    if span_at(hours.opening(week), slot.start) is None:
        return Judged(slot, Why.CLOSED_HOURS)
    needs = timedelta(seconds=min(slot.length, minimum_seconds))
    if any(lesson.begin < slot.start + needs and slot.start < lesson.end for lesson in hours.lessons(week)):
        return Judged(slot, Why.LESSON)
    return Judged(slot, Why.PLANNED)


def settled(slots: Iterable[Slot], hours: Hours, minimum_seconds: float) -> tuple[Slot, ...]:
    """The slots by start, with those marked that yield: by priority, then by start, then by the rule's name.

    A slot that the calendar forbids takes nobody's place.
    """
    taken: list[tuple[datetime, datetime, str]] = []  # by start; they never overlap, so two neighbours are all there is
    result: list[Slot] = []
    for slot in sorted(slots, key=lambda slot: (slot.priority, slot.start, slot.rule)):
        if standing(slot, hours, minimum_seconds).why is not Why.PLANNED:
            result.append(slot)
            continue
        span = (slot.start, max(slot.end, slot.start + _SHORTEST), slot.rule)
        at = bisect_left(taken, span)
        other = next((one for one in taken[max(at - 1, 0) : at + 1] if one[0] < span[1] and span[0] < one[1]), None)
        if other is None:
            taken.insert(at, span)
            result.append(slot)
        else:
            result.append(replace(slot, yields_to=other[2]))
    return tuple(sorted(result, key=lambda slot: (slot.start, slot.priority, slot.rule)))


def preview(slots: Iterable[Slot], hours: Hours, minimum_seconds: float) -> list[Judged]:
    """Each slot by start with what the calendar says of it: what the centre shows of a station's coming fortnight."""
    table = settled(slots, hours, minimum_seconds)
    return [standing(slot, hours, minimum_seconds) for slot in table]


def order(slots: Iterable[Slot], now: datetime) -> list[str]:
    """The content ids that the slots need, each once, those of the next slots first."""
    coming = sorted((slot for slot in slots if slot.start >= now - LATE_AFTER), key=lambda slot: slot.start)
    return list(dict.fromkeys(content for slot in coming for content in slot.contents))
