"""One VEVENT and its moved occurrences become wall times: RFC 5545 without its time zones. Pure, but heavy.

All is reckoned in wall time, so an exception is known by what the clock on the wall shows. What dateutil gets wrong is
set right here: of a BYDAY such as ``TH,2SA`` it takes what fits both, and a daily rule that can never fit keeps it busy
to the year 9999. Fields that no rule of ours needs are refused.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rrulestr

from estation_wire.hours import WEEKDAYS, instant

MAX_EVENTS: Final = 200  # the rule itself and its moved occurrences
MAX_STEPS: Final = 100_000  # an hourly rule with a COUNT that began eleven years ago
_CALENDAR: Final = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//E-Station//EN\r\n{event}\r\nEND:VCALENDAR\r\n"
_CALLED_OFF: Final = "CANCELLED"
_DAY: Final = timedelta(days=1)
_STEPS: Final = {"HOURLY": timedelta(hours=1), "DAILY": _DAY, "WEEKLY": timedelta(weeks=1)}
_ENDS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})
_LIMITS: Final = frozenset({"BYMONTH", "BYMONTHDAY", "BYDAY"})  # of a daily or hourly rule they only take away
_KNOWN: Final = {
    "HOURLY": _ENDS | _LIMITS | {"BYHOUR"},
    "DAILY": _ENDS | _LIMITS | {"BYHOUR"},
    "WEEKLY": _ENDS | {"BYMONTH", "BYDAY", "BYHOUR", "BYSETPOS"},
    "MONTHLY": _ENDS | _LIMITS | {"BYHOUR", "BYSETPOS"},
    "YEARLY": _ENDS | _LIMITS | {"BYHOUR", "BYSETPOS", "BYYEARDAY", "BYWEEKNO"},
}
Parts = dict[str, str]


class RuleError(ValueError):
    """A rule that cannot be expanded; the text says why."""


def starts(event: str, zone: ZoneInfo, after: datetime, until: datetime) -> set[datetime]:
    """The wall times of ``event`` that may fall in ``after`` <= t < ``until``, and those of a day on either side.

    Raises `RuleError`, or what the parsers raise.
    """
    first, *moved = _events(event, zone)
    begin, end = _wall(after, zone) - _DAY, _wall(until, zone) + _DAY
    walls = _recurring(first, zone, begin, end) if first.get("STATUS") != _CALLED_OFF else set()
    walls -= {_time(each, "RECURRENCE-ID", zone) for each in moved}
    walls |= {_time(each, "DTSTART", zone) for each in moved if each.get("STATUS") != _CALLED_OFF}
    return {wall for wall in walls if begin <= wall <= end}


def _events(event: str, zone: ZoneInfo) -> list[Any]:
    """One VEVENT, and after it the moved ones of the same UID."""
    text = "\r\n".join(event.strip().splitlines())
    events: list[Any] = icalendar.Calendar.from_ical(_CALENDAR.format(event=text)).subcomponents
    if not 1 <= len(events) <= MAX_EVENTS or any(each.name != "VEVENT" for each in events):
        msg = f"not one VEVENT (and at most {MAX_EVENTS - 1} moved ones)"
        raise RuleError(msg)
    first, *moved = events
    if "RECURRENCE-ID" in first or any("RECURRENCE-ID" not in each or "RRULE" in each for each in moved):
        msg = "the VEVENTs after the first must be its moved occurrences, with RECURRENCE-ID and without RRULE"
        raise RuleError(msg)
    if any("RANGE" in each["RECURRENCE-ID"].params for each in moved):
        msg = "RANGE is not understood: end the rule with UNTIL, and write another"
        raise RuleError(msg)
    if any(each.get("UID") != first.get("UID") for each in moved):
        msg = "a moved occurrence has another UID than its rule"
        raise RuleError(msg)
    for each in events:
        start = each.get("DTSTART")
        if start is None or not isinstance(start.dt, datetime) or start.params.get("TZID") != zone.key:
            msg = f"DTSTART has no time with TZID={zone.key}"
            raise RuleError(msg)
    return events


def _recurring(event: Any, zone: ZoneInfo, begin: datetime, end: datetime) -> set[datetime]:
    """The wall times in ``begin`` <= t <= ``end`` that DTSTART, RRULE and RDATE make and EXDATE leaves."""
    start = _time(event, "DTSTART", zone)
    walls = {start, *_times(event, "RDATE", zone)}
    if "RRULE" in event:
        parts = _parts(event["RRULE"])
        ends = _until(event["RRULE"])
        for wall in _of_rule(parts, start, begin, end):
            if ends is not None and instant(wall, zone) > ends:
                break
            walls.add(wall)
    return walls - set(_times(event, "EXDATE", zone))


def _parts(recur: Any) -> Parts:
    """The fields of an RRULE."""
    if not isinstance(recur, icalendar.vRecur):
        msg = "it has more than one RRULE"
        raise RuleError(msg)
    text: bytes = recur.to_ical()  # type: ignore[no-untyped-call]  # the package says nothing of its types here
    pairs = (part.partition("=") for part in text.decode().split(";"))
    parts = {name: value for name, _, value in pairs}
    if parts["FREQ"] in {"SECONDLY", "MINUTELY"} or "BYSECOND" in parts or "BYMINUTE" in parts:
        msg = "it repeats more than once an hour"
        raise RuleError(msg)
    unknown = sorted(set(parts) - _KNOWN[parts["FREQ"]])
    if unknown:
        msg = f"{', '.join(unknown)} is not understood with FREQ={parts['FREQ']}"
        raise RuleError(msg)
    return parts


def _until(recur: Any) -> datetime | None:
    """The last instant of the rule itself."""
    if "UNTIL" not in recur:
        return None
    ends = recur["UNTIL"][0]
    if not isinstance(ends, datetime) or ends.tzinfo is None:
        msg = "UNTIL is not an instant in UTC, such as 20261231T155959Z"
        raise RuleError(msg)
    return ends


def _of_rule(parts: Parts, start: datetime, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The rule's own wall times in ``begin`` <= t <= ``end``."""
    limited = bool(_LIMITS & set(parts)) and parts["FREQ"] in {"HOURLY", "DAILY"}
    left = int(parts["COUNT"]) if "COUNT" in parts else MAX_STEPS
    for number, wall in enumerate(rrulestr(_asked(parts, start), dtstart=_nearer(_whole(start, parts), parts, begin))):
        if number >= MAX_STEPS:
            msg = f"DTSTART is too far back: more than {MAX_STEPS} sessions ago"
            raise RuleError(msg)
        if wall > end or not left:
            return
        if wall >= start and (not limited or _within(wall, parts)):
            left -= 1
            if wall >= begin:
                yield wall


def _asked(parts: Parts, start: datetime) -> str:
    """The RRULE for dateutil."""
    ours = {"UNTIL", "COUNT"}
    if parts["FREQ"] in {"HOURLY", "DAILY"}:
        ours |= _LIMITS
    asked = {name: value for name, value in parts.items() if name not in ours}
    if parts["FREQ"] == "WEEKLY":
        asked.setdefault("BYDAY", WEEKDAYS[start.weekday()])
    if "BYDAY" in asked:
        asked["BYDAY"] = _days(asked)
    return ";".join(f"{name}={value}" for name, value in asked.items())


def _days(parts: Parts) -> str:
    """BYDAY, with all weekdays numbered where some are."""
    days = parts["BYDAY"].split(",")
    numbered = parts["FREQ"] in {"MONTHLY", "YEARLY"} and any(len(day) > 2 for day in days)
    most = 53 if parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts else 5
    each = (
        [f"{number}{day}" for number in range(1, most + 1)] if numbered and len(day) == 2 else [day] for day in days
    )
    return ",".join(word for words in each for word in words)


def _whole(start: datetime, parts: Parts) -> datetime:
    """The same time on the first day of the week, where BYSETPOS chooses from the week: dateutil begins at DTSTART."""
    if parts["FREQ"] != "WEEKLY" or "BYSETPOS" not in parts:
        return start
    first = WEEKDAYS.index(parts.get("WKST", "MO"))
    return start - (start.weekday() - first) % 7 * _DAY


def _nearer(start: datetime, parts: Parts, to: datetime) -> datetime:
    """A later DTSTART of which the same rule makes the same wall times from ``to`` on."""
    each = _STEPS.get(parts["FREQ"])
    if each is None or "COUNT" in parts or to <= start:
        return start
    step = each * int(parts.get("INTERVAL", "1"))
    return start + (to - start) // step * step


def _within(wall: datetime, parts: Parts) -> bool:
    """Whether a wall time lies within the limits of a daily or hourly rule."""
    month, day, weekday = (parts.get(name, "").split(",") for name in ("BYMONTH", "BYMONTHDAY", "BYDAY"))
    from_end = wall.day - monthrange(wall.year, wall.month)[1] - 1
    return (
        (month == [""] or str(wall.month) in month)
        and (day == [""] or str(wall.day) in day or str(from_end) in day)
        and (weekday == [""] or WEEKDAYS[wall.weekday()] in weekday)
    )


def _time(event: Any, name: str, zone: ZoneInfo) -> datetime:
    return _wall_of(event[name].dt, event[name].params.get("TZID"), zone, name)


def _times(event: Any, name: str, zone: ZoneInfo) -> list[datetime]:
    found = event.get(name, [])
    lists = found if isinstance(found, list) else [found]
    return [_wall_of(one.dt, each.params.get("TZID"), zone, name) for each in lists for one in each.dts]


def _wall_of(at: Any, tzid: str | None, zone: ZoneInfo, name: str) -> datetime:
    """A time of the rule's zone, or of UTC, as the clock on the wall shows it."""
    if isinstance(at, datetime) and tzid == zone.key:
        return at.replace(tzinfo=None, fold=0)
    if isinstance(at, datetime) and tzid in {None, "UTC"} and at.tzinfo is not None:
        return _wall(at, zone)
    msg = f"{name} has no time with TZID={zone.key}"
    raise RuleError(msg)


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)
