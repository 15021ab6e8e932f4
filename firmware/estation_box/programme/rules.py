"""When a session begins by itself: the planned ones, and the one policy by which a missed one is made up. Pure.

The promise: if after a miss the week still holds one uninterrupted, not postponed stretch of the minimum's length plus
start-up and countdown inside the make-up hours, with the TV not known to be off, films for the minimum on the card,
trust above `guess`, nothing else on the screen and a make-up left in that day's number, the minimum is met.

It is kept by haste: of a make-up and a planned session that overlap, the one is shown that would meet the week first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from estation_box.words import Said, say
from estation_wire.counts import Due, week_of
from estation_wire.hours import Hours, Span, room
from estation_wire.planner import LATE_AFTER, Slot, Why, standing
from estation_wire.values import Origin, Tv

HELD_UP_AT_MOST: Final = timedelta(minutes=30)  # a start that a running session held up is given up after this
SETTLES: Final = timedelta(seconds=5)  # a player has this long to open its first film
_MISSED_AFTER: Final = LATE_AFTER + timedelta(microseconds=1)
MAKE_UP_RULE: Final = "make-up"
"""The rule's name in the records of a session that makes up for one."""

Key = tuple[str, datetime]


class Standing(Struct, frozen=True, kw_only=True):
    """How the running week stands, by the box's own records.

    ``counted``: sessions that fulfil the minimum; ``own``: whether a keeper's own session is among them;
    ``begun``, ``postponed``: keys of slots; ``not_before``: nothing is made up earlier, somebody pressed «later»;
    ``make_ups``: started today; ``busy``: the last session on the screen; ``elsewhere``: the school has met its week.
    """

    week: str
    counted: int = 0
    own: bool = False
    begun: frozenset[Key] = frozenset()
    postponed: frozenset[Key] = frozenset()
    not_before: datetime | None = None
    make_ups: int = 0
    busy: Span | None = None
    elsewhere: bool = False


class House(Struct, frozen=True, kw_only=True):
    """The rules of one site: its hours, what it owes, and how it wants to be treated."""

    hours: Hours
    due: Due
    countdown: timedelta = timedelta(seconds=120)
    make_ups_a_day: int = 2
    own_session_cancels: bool = False
    polite: bool = False

    @property
    def minimum(self) -> timedelta:
        """How long a session must be to count."""
        return timedelta(seconds=self.due.seconds)


class Room(Struct, frozen=True, kw_only=True):
    """What is known of the room and the card now. ``in_use``: the TV shows another source, as far as is known.

    ``reach``: how many seconds into a slot's session the minimum is reached with the films that are held, None where
    never; ``stocked``: whether the card holds films for the minimum at all.
    """

    reach: Callable[[Slot], float | None]
    stocked: bool = True
    tv: Tv = Tv.UNKNOWN
    in_use: bool = False


class Start(Struct, frozen=True, kw_only=True):
    """A session that begins by itself ``at`` an instant; ``warn_from``: its countdown may be shown from then on."""

    at: datetime
    warn_from: datetime
    origin: Origin
    rule: str
    slot: Slot | None = None

    @property
    def key(self) -> Key:
        """What the records call it: the rule and the planned instant, or when it was to be made up."""
        return (
            (self.slot.rule, self.slot.start) if self.origin is Origin.PLANNED and self.slot else (self.rule, self.at)
        )


class End(NamedTuple):
    """When a session must be over, and why."""

    at: datetime
    reason: Literal["lesson", "closed"]


class Plan(Struct, frozen=True, kw_only=True):
    """What begins next, why (or why nothing), and until when that holds unless something happens.

    ``offer``: nothing starts by itself, but one press would show something.
    """

    start: Start | None
    why: Said
    until: datetime
    owed: int = 0
    offer: bool = False


def decide(now: datetime, slots: Sequence[Slot], house: House, week: Standing, here: Room) -> Plan:
    """What begins next by the wall clock. ``slots``: by start, from the week's beginning on; the screen is free."""
    owed = sessions_owed(now, slots, house, week)
    until = _holds_until(now, slots, house, week, owed)
    if house.polite and here.in_use:
        return Plan(start=None, why=say("The TV shows another source, and this site is polite"), until=until, owed=owed)
    planned = next_planned(now, slots, house, week)
    made_up, hindrance = next_make_up(now, house, week, here, owed)
    chosen = _first(planned, made_up, slots, house, here)
    if chosen is None:
        return Plan(start=None, why=hindrance or say("Nothing is planned in the table"), until=until, owed=owed)
    return Plan(start=chosen, why=_told(chosen, hindrance), until=max(min(until, chosen.warn_from), now), owed=owed)


def sessions_owed(now: datetime, slots: Sequence[Slot], house: House, week: Standing) -> int:
    """How many sessions must be made up: those that should have counted by now, less those that did.

    From the week's last window day on, whatever the coming planned sessions will not bring either.
    """
    if house.hours.closed(week.week) is not None or week.elsewhere:
        return 0
    bounds = house.hours.bounds(week.week)
    past = coming = 0
    for slot in slots:
        if slot.start >= bounds.end:
            break
        if slot.yields_to or slot.start < bounds.begin or slot.counting < house.due.seconds:
            continue
        if is_over(slot, now, week):
            past += 1
        elif standing(slot, house.hours, house.due.seconds).why is Why.PLANNED:
            coming += 1
    expected = min(house.due.sessions, past)
    if now >= house.hours.last_window_day(week.week):
        expected = max(expected, house.due.sessions - coming)
    return max(expected - week.counted, 0)


def is_over(slot: Slot, now: datetime, week: Standing) -> bool:
    """Whether a slot can no longer begin: it did, was put off, or its instant is past."""
    return slot.start < now - LATE_AFTER or slot.key in week.begun or slot.key in week.postponed


def judge_slot(slot: Slot, now: datetime, house: House, week: Standing) -> Why:
    """Whether a slot will be shown; the reason where it will not."""
    if slot.key in week.begun:
        return Why.DONE
    if slot.key in week.postponed:
        return Why.POSTPONED
    if slot.start < now - LATE_AFTER and not _held_up(slot, now, week):
        return Why.MISSED
    if week.own and house.own_session_cancels and week_of(slot.start, house.hours.zone) == week.week:
        return Why.CANCELLED
    return standing(slot, house.hours, house.due.seconds).why


def next_planned(now: datetime, slots: Sequence[Slot], house: House, week: Standing) -> Start | None:
    """The next planned session, or the one that the session just ended has held up."""
    for slot in slots:
        if judge_slot(slot, now, house, week) is not Why.PLANNED:
            continue
        if slot.start >= now - LATE_AFTER:
            warn = slot.start - house.countdown
            return Start(at=slot.start, warn_from=warn, origin=Origin.PLANNED, rule=slot.rule, slot=slot)
        at = now + house.countdown
        moved = Slot(rule=slot.rule, start=at, contents=slot.contents, length=slot.length)
        if standing(moved, house.hours, house.due.seconds).why is Why.PLANNED:
            return Start(at=at, warn_from=now, origin=Origin.PLANNED, rule=slot.rule, slot=slot)
    return None


def next_make_up(
    now: datetime, house: House, week: Standing, here: Room, owed: int
) -> tuple[Start | None, Said | None]:
    """The next make-up, at the first moment that the policy allows; or why there is none."""
    if not owed:
        return None, None
    if here.tv is Tv.OFF:
        return None, say("A session is owed, but the TV is off")
    if not here.stocked:
        return None, say("A session is owed, but the card holds too few films that count")
    earliest = max(now, week.not_before or now)
    if week.make_ups >= house.make_ups_a_day:
        earliest = max(earliest, next_day(now, house))
    needs = house.countdown + house.minimum + SETTLES
    begins = room(house.hours.make_up(week.week), earliest, needs) if house.make_ups_a_day else None
    if begins is None:
        return None, say("A session is owed, but this week holds no more make-up hours for it")
    at = begins + house.countdown
    return Start(at=at, warn_from=begins, origin=Origin.MAKE_UP, rule=MAKE_UP_RULE), None


def still_good(start: Start, now: datetime, slots: Sequence[Slot], *, house: House, week: Standing, here: Room) -> bool:
    """Whether a start whose countdown is on the screen may still begin: the reasons for it may have gone meanwhile."""
    if house.polite and here.in_use:
        return False
    if start.origin is Origin.PLANNED and start.slot is not None:
        known = any(slot.key == start.key and not slot.yields_to for slot in slots)
        if not known or judge_slot(start.slot, min(now, start.slot.start), house, week) is not Why.PLANNED:
            return False
        # what hindered a make-up when this was announced may be gone: the TV is on, a film has come
        made_up, _ = next_make_up(now, house, week, here, sessions_owed(now, slots, house, week))
        return _first(start, made_up, slots, house, here) is start
    fits = any(
        span.begin <= start.at and start.at + house.minimum <= span.end for span in house.hours.make_up(week.week)
    )
    fresh = week.not_before is None or start.warn_from >= week.not_before
    ready = here.stocked and here.tv is not Tv.OFF
    return (
        fits
        and fresh
        and ready
        and week_of(start.at, house.hours.zone) == week.week
        and (sessions_owed(now, slots, house, week) > 0)
    )


def ends_by(origin: Origin, began: datetime, house: House) -> End | None:
    """When a session must end, come what may: before a lesson; a make-up also at the end of its hours. None: never."""
    week = week_of(began, house.hours.zone)
    ends = [End(each.begin, "lesson") for each in house.hours.lessons(week) if each.begin > began]
    if origin is Origin.MAKE_UP:
        ends += (End(each.end, "closed") for each in house.hours.make_up(week) if each.begin <= began < each.end)
    return min(ends, default=None, key=lambda end: end.at)


def next_day(now: datetime, house: House) -> datetime:
    """The next local midnight."""
    tomorrow = now.astimezone(house.hours.zone).date() + timedelta(days=1)
    return house.hours.midnight(tomorrow)


def _first(
    planned: Start | None, made_up: Start | None, slots: Sequence[Slot], house: House, here: Room
) -> Start | None:
    """The earlier of the two; where they overlap, the one that meets the week first, in doubt the planned one."""
    if planned is None or made_up is None or planned.slot is None:
        return planned or made_up
    met = made_up.at + house.minimum
    if made_up.warn_from >= planned.slot.end or planned.at >= met:
        return min(planned, made_up, key=lambda start: start.at)
    sooner = any(
        _meets(slot, max(slot.start, planned.at), here) <= met
        for slot in slots
        if planned.slot.start <= slot.start < met
    )
    return planned if sooner else made_up


def _meets(slot: Slot, at: datetime, here: Room) -> datetime:
    """When a session of ``slot`` that begins ``at`` would have met the minimum."""
    reach = None if slot.yields_to else here.reach(slot)
    return at + timedelta(seconds=reach) if reach is not None else datetime.max.replace(tzinfo=at.tzinfo)


def _held_up(slot: Slot, now: datetime, week: Standing) -> bool:
    """Whether the session just ended was on the screen when ``slot`` should have begun."""
    busy = week.busy
    return (
        busy is not None
        and busy.begin <= slot.start <= busy.end
        and now - busy.end <= LATE_AFTER
        and now - slot.start <= HELD_UP_AT_MOST
    )


def _holds_until(now: datetime, slots: Sequence[Slot], house: House, week: Standing, owed: int) -> datetime:
    """The first instant at which another answer is possible by the passing of time alone."""
    bounds = house.hours.bounds(week.week)
    missed = next((slot.start + _MISSED_AFTER for slot in slots if slot.start + _MISSED_AFTER > now), bounds.end)
    used_up = owed > 0 and week.make_ups >= house.make_ups_a_day  # the new day's number is looked at then only
    tomorrow = next_day(now, house) if used_up else None
    marks = (bounds.end, missed, house.hours.last_window_day(week.week), week.not_before, tomorrow)
    return min(mark for mark in marks if mark is not None and mark > now)


def _told(start: Start, hindrance: Said | None) -> Said:
    if start.origin is Origin.PLANNED and start.slot is not None:
        words = say("Rule {rule} says {at}", rule=start.slot.rule, at=start.slot.start.isoformat())
        return words if hindrance is None else Said(f"{words.zh}；{hindrance.zh}", f"{words.en}; {hindrance.en}")
    return say("A session of this week did not count: it is made up at the first moment that the make-up hours allow")
