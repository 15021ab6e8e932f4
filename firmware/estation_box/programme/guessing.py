"""What a box does that does not know the time: once a power-on day it shows what it owes, and no clock is asked. Pure.

Ten minutes after power-up (somebody switched it on) the next session is shown after the courtesy countdown, until
the minimum of *seven power-on days* is met. Where the site is polite nothing starts by itself, since lesson hours
cannot be known: the card offers it, and one press plays it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from estation_box.programme.rules import MAKE_UP_RULE, House, Key, Plan, Room, Start
from estation_box.words import Said, say
from estation_wire.planner import Slot
from estation_wire.values import Origin, Tv

SPAN_DAYS: Final = 7  # power-on days that stand for a week
AFTER_POWER_UP: Final = timedelta(minutes=10)  # whoever switched it on has sat down
_LATER: Final = timedelta(hours=1)


class PowerOnDays(Struct, frozen=True, kw_only=True):
    """How the last seven power-on days stand, today among them.

    ``counted``: sessions that fulfil the minimum; ``tried``: today one has begun by itself, or was put off to
    tomorrow; ``since_power_up``: seconds since today's beginning or the last power-up, whichever is later;
    ``not_before``: seconds of the same clock before which nothing starts, somebody pressed «later».
    """

    counted: int = 0
    tried: bool = False
    since_power_up: float = 0.0
    not_before: float = 0.0
    begun: frozenset[Key] = frozenset()


def decide_by_days(now: datetime, slots: Sequence[Slot], house: House, days: PowerOnDays, here: Room) -> Plan:
    """What begins next while the clock is a guess: ``now`` is only the clock's reading, and decides nothing."""
    owed = max(house.due.sessions - days.counted, 0)
    refusal = _refusal(house, days, here, owed)
    if refusal:
        return Plan(start=None, why=refusal, until=now + _LATER, owed=owed, offer=house.polite and owed > 0)
    wait = max(AFTER_POWER_UP.total_seconds(), days.not_before) - days.since_power_up
    warn = now + timedelta(seconds=max(wait, 0.0))
    slot = next_in_order(now, slots, house, days, here)
    start = Start(
        at=warn + house.countdown,
        warn_from=warn,
        origin=Origin.PLANNED if slot else Origin.MAKE_UP,
        rule=slot.rule if slot else MAKE_UP_RULE,
        slot=slot,
    )
    why = say("The time is not known: the next session of the programme is shown once a power-on day")
    return Plan(start=start, why=why, until=max(warn, now), owed=owed)


def next_in_order(now: datetime, slots: Sequence[Slot], house: House, days: PowerOnDays, here: Room) -> Slot | None:
    """The next slot of the table that can fulfil the minimum, round and round; None where there is none."""
    able = [slot for slot in slots if not slot.yields_to and slot.counting >= house.due.seconds]
    fresh = [slot for slot in able if slot.key not in days.begun and here.reach(slot) is not None]
    return next((slot for slot in fresh if slot.start >= now), None) or (fresh[0] if fresh else None)


def still_good_by_days(start: Start, house: House, days: PowerOnDays, here: Room) -> bool:
    """Whether a start whose countdown is on the screen may still begin."""
    owed = max(house.due.sessions - days.counted, 0)
    fits = start.slot is None or start.slot.key not in days.begun
    return fits and not _refusal(house, days, here, owed) and days.since_power_up >= days.not_before


def _refusal(house: House, days: PowerOnDays, here: Room, owed: int) -> Said | None:
    if not owed:
        return say("The minimum of the last seven power-on days is met")
    if house.polite:
        return say("The time is not known, and so neither are the lesson hours: one press plays what is owed")
    if days.tried:
        return say("The time is not known: a session begins by itself once a power-on day, and today's is over")
    if here.tv is Tv.OFF:
        return say("A session is owed, but the TV is off")
    return None if here.stocked else say("A session is owed, but the card holds too few films that count")
