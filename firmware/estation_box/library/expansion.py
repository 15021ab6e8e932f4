"""Rules to slots: RFC 5545 recurrence in local wall time becomes instants in UTC, fourteen days ahead.

Runs in sync alone, which has the memory for icalendar; the playing path reads only the table that comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import icalendar
import recurring_ical_events

from estation_wire.library import Programme, Rule
from estation_wire.planner import Slot

AHEAD: Final = timedelta(days=14)
BEHIND: Final = timedelta(hours=1)  # a start that is a little late must not fall out of the table
MAX_SLOTS_OF_A_RULE: Final = 14 * 24 + 2  # once an hour; a session has minutes
_TOO_OFTEN: Final = ("FREQ=SECONDLY", "FREQ=MINUTELY", "BYSECOND", "BYMINUTE")
_CALENDAR: Final = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//E-Station//EN\r\n{event}\r\nEND:VCALENDAR\r\n"
_STEP: Final = timedelta(minutes=1)
_LONGEST_GAP: Final = 24 * 60  # minutes; Samoa left out a whole day


class RuleError(ValueError):
    """A rule that cannot be expanded; the text says why."""


class Expanded(NamedTuple):
    """The slots, and the rules that could not be understood, with why."""

    slots: tuple[Slot, ...]
    refused: tuple[tuple[str, str], ...]


def expand(programme: Programme, now: datetime) -> Expanded:
    """Every slot from an hour before ``now`` to fourteen days after it; a bad rule is left out and told."""
    slots: list[Slot] = []
    refused: list[tuple[str, str]] = []
    for rule in programme.rules:
        try:
            starts = _starts(rule, now - BEHIND, now + AHEAD)
        except RuleError as error:
            refused.append((rule.id, str(error)))
            continue
        slots += (
            Slot(
                rule=rule.id,
                start=start,
                contents=rule.contents,
                series=rule.series or "",
                priority=rule.priority,
            )
            for start in starts
        )
    slots.sort(key=lambda slot: (slot.start, slot.priority, slot.rule))
    return Expanded(tuple(slots), tuple(refused))


def _starts(rule: Rule, after: datetime, until: datetime) -> list[datetime]:
    zone = _zone(rule.timezone)
    event = rule.event.upper()
    if any(word in event for word in _TOO_OFTEN):
        msg = "it repeats more than once an hour"
        raise RuleError(msg)
    text = "\r\n".join(rule.event.strip().splitlines())
    try:
        calendar = icalendar.Calendar.from_ical(_CALENDAR.format(event=text))
        _check(calendar, rule.timezone)
        # a day on either side: a wall time in a gap moves
        found = recurring_ical_events.of(calendar).between(after - timedelta(days=1), until)
        walls = [component["DTSTART"].dt for component in found]
        starts = {instant(wall, zone) for wall in walls}
    except RuleError:
        raise
    except Exception as error:  # noqa: BLE001 - two parsers of outside text with no common family of errors; bounded to one rule
        raise RuleError(str(error)[:200]) from None
    within = sorted(start for start in starts if after <= start < until)
    if len(within) > MAX_SLOTS_OF_A_RULE:
        msg = f"{len(within)} sessions in 15 days"
        raise RuleError(msg)
    return within


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"no such time zone: {name}"
        raise RuleError(msg) from None


def _check(calendar: icalendar.Calendar, timezone: str) -> None:
    events = calendar.subcomponents
    if len(events) != 1 or events[0].name != "VEVENT":
        msg = "not exactly one VEVENT"
        raise RuleError(msg)
    start = events[0].get("DTSTART")
    if start is None or not isinstance(start.dt, datetime) or start.params.get("TZID") != timezone:
        msg = f"DTSTART has no time with TZID={timezone}"
        raise RuleError(msg)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a wall time: in a gap the next minute that exists, the first of a time that comes twice."""
    local = wall.replace(tzinfo=None, fold=0)
    for _ in range(_LONGEST_GAP):
        at = local.replace(tzinfo=zone).astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None, fold=0) == local:
            return at
        local = local.replace(second=0) + _STEP
    msg = f"no wall time {wall} in {zone}"
    raise RuleError(msg)


def order(slots: Iterable[Slot], now: datetime) -> list[str]:
    """The content ids that the slots need, each once, those of the next slots first."""
    coming = sorted((slot for slot in slots if slot.start >= now - BEHIND), key=lambda slot: slot.start)
    return list(dict.fromkeys(content for slot in coming for content in slot.contents))
