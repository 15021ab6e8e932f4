"""Opening hours, lesson hours, make-up windows, terms and closed weeks: a site's calendar in local wall time. Pure.

A calendar comes with the profile; the programme may close further weeks. `Hours` turns it into spans of UTC, one
ISO week at a time. A wall time that does not exist is the next minute that does; one that comes twice is the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from estation_wire.values import Reason, Week

Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ClockTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", description="local wall time")]
EndTime = Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)\Z", description="24:00 ends the day")]
WEEK: Final = timedelta(days=7)
KEPT_WEEKS: Final = 64  # weeks whose spans are kept in memory; a box looks at two
BETWEEN_TERMS: Final = "学期之间 · between two terms"
_STEP: Final = timedelta(minutes=1)
_LONGEST_GAP: Final = 24 * 60  # minutes; Samoa left out a whole day


class Window(Struct, frozen=True, kw_only=True):
    """Some hours on some days of the week: ``begin`` <= t < ``end``, never over midnight; an empty one is no hours."""

    days: Annotated[tuple[Weekday, ...], Meta(min_length=1, max_length=7)]
    begin: ClockTime
    end: EndTime


EVERY_DAY: Final = (Window(days=WEEKDAYS, begin="08:00", end="22:00"),)
"""Make-up hours of a site that gives no hours at all: nothing starts by itself in the night."""


class Term(Struct, frozen=True, kw_only=True):
    """A school's term, from its first ISO week to its last. Outside all terms nothing is owed, no lesson is held."""

    first: Week
    last: Week


class ClosedWeek(Struct, frozen=True, kw_only=True):
    """A week in which the site owes nothing, and why."""

    week: Week
    reason: Reason


Windows = Annotated[tuple[Window, ...], Meta(max_length=100)]


class Calendar(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a site is open, teaches, and may make up. No opening hours: open always, and made up by day."""

    opening: Windows = ()
    lessons: Windows = ()
    make_up: Windows = ()
    terms: Annotated[tuple[Term, ...], Meta(max_length=20)] = ()
    closed: Annotated[tuple[ClosedWeek, ...], Meta(max_length=200)] = ()


class Span(NamedTuple):
    """``begin`` <= t < ``end``, both in UTC."""

    begin: datetime
    end: datetime


Spans = tuple[Span, ...]
"""In order, not empty, and not touching each other."""


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a wall time: in a gap the next minute that exists, the first of a time that comes twice.

    Raises `ValueError` where no minute of the following day exists either.
    """
    local = wall.replace(tzinfo=None, fold=0)
    for _ in range(_LONGEST_GAP + 1):
        at = local.replace(tzinfo=zone).astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None, fold=0) == local:
            return at
        local = local.replace(second=0) + _STEP
    msg = f"no wall time {wall} in {zone}"
    raise ValueError(msg)


def merged(spans: Iterable[Span]) -> Spans:
    """The same time, in order; spans that overlap or touch become one."""
    result: list[Span] = []
    for span in sorted(span for span in spans if span.begin < span.end):
        if result and span.begin <= result[-1].end:
            result[-1] = Span(result[-1].begin, max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


def without(spans: Spans, taken: Spans) -> Spans:
    """What of ``spans`` is left beside ``taken``."""
    result: list[Span] = []
    for span in spans:
        begin = span.begin
        for other in taken:
            if other.end <= begin or other.begin >= span.end:
                continue
            if other.begin > begin:
                result.append(Span(begin, other.begin))
            begin = max(begin, other.end)
        if begin < span.end:
            result.append(Span(begin, span.end))
    return tuple(result)


def common(one: Spans, other: Spans) -> Spans:
    """The time that lies in both."""
    return merged(Span(max(a.begin, b.begin), min(a.end, b.end)) for a in one for b in other)


def span_at(spans: Spans, at: datetime) -> Span | None:
    """The span that holds ``at``."""
    return next((span for span in spans if span.begin <= at < span.end), None)


def room(spans: Spans, after: datetime, length: timedelta) -> datetime | None:
    """The first instant from ``after`` on from which a span goes on for ``length``; None where there is none."""
    for span in spans:
        begin = max(span.begin, after)
        if span.end - begin >= length:
            return begin
    return None


class Hours:
    """A site's calendar in its zone. ``closed``: the weeks that programme or keeper closed, with their reasons."""

    def __init__(self, calendar: Calendar, zone: ZoneInfo, closed: Mapping[str, str] | None = None) -> None:
        self.zone = zone
        self._calendar = calendar
        self._closed = {each.week: each.reason for each in calendar.closed} | dict(closed or {})
        self._kept: dict[tuple[str, str], Spans] = {}

    def closed(self, week: str) -> str | None:
        """Why the site owes nothing in ``week``; None where it owes."""
        reason = self._closed.get(week)
        if reason is None and not self._teaching(week):
            return BETWEEN_TERMS
        return reason

    def bounds(self, week: str) -> Span:
        """The ISO week itself, from its Monday 00:00 to the next."""
        monday = self._monday(week)
        return self._keep("bounds", week, lambda: (Span(self.midnight(monday), self.midnight(monday + WEEK)),))[0]

    def opening(self, week: str) -> Spans:
        """The opening hours; the whole week where none are given."""
        return self._keep("opening", week, lambda: self._opening(week))

    def lessons(self, week: str) -> Spans:
        """The lesson hours, which are never seized."""
        return self._keep(
            "lessons", week, lambda: self._spans(self._calendar.lessons, week) if self._teaching(week) else ()
        )

    def make_up(self, week: str) -> Spans:
        """When a session may be made up: in the make-up windows; from the week's last window day on, whenever open."""
        return self._keep("make-up", week, lambda: self._make_up(week))

    def last_window_day(self, week: str) -> datetime:
        """Midnight before the last day of ``week`` that has a make-up window; the week's end where none has one."""
        windows = self._windows(week)
        return self.midnight(windows[-1].begin.astimezone(self.zone).date()) if windows else self.bounds(week).end

    def midnight(self, day: date) -> datetime:
        """The first instant of a local day."""
        return instant(datetime.combine(day, time()), self.zone)

    def _teaching(self, week: str) -> bool:
        terms = self._calendar.terms
        return not terms or any(term.first <= week <= term.last for term in terms)

    def _opening(self, week: str) -> Spans:
        return self._spans(self._calendar.opening, week) if self._calendar.opening else (self.bounds(week),)

    def _windows(self, week: str) -> Spans:
        return self._keep("windows", week, lambda: self._make_windows(week))

    def _make_windows(self, week: str) -> Spans:
        calendar = self._calendar
        windows = self._spans(calendar.make_up or calendar.opening or EVERY_DAY, week)
        return without(common(windows, self.opening(week)), self.lessons(week))

    def _make_up(self, week: str) -> Spans:
        day = Span(self.last_window_day(week), self.bounds(week).end)
        hours = self._spans(self._calendar.opening or EVERY_DAY, week)
        late = without(common(hours, (day,)), self.lessons(week)) if day.begin < day.end else ()
        return merged((*self._windows(week), *late))

    def _spans(self, windows: Iterable[Window], week: str) -> Spans:
        monday = self._monday(week)
        return merged(
            Span(self._at(day, window.begin), self._at(day, window.end))
            for window in windows
            for day in (monday + timedelta(days=WEEKDAYS.index(word)) for word in window.days)
        )

    def _at(self, day: date, clock: str) -> datetime:
        if clock == "24:00":
            return self.midnight(day + timedelta(days=1))
        return instant(datetime.combine(day, time(int(clock[:2]), int(clock[3:]))), self.zone)

    def _monday(self, week: str) -> date:
        """The Monday of a week; of a week 53 that the year does not have, of the week after its last."""
        return date.fromisocalendar(int(week[:4]), 1, 1) + timedelta(weeks=int(week[6:]) - 1)

    def _keep(self, what: str, week: str, make: Callable[[], Spans]) -> Spans:
        found = self._kept.get((what, week))
        if found is None:
            found = make()
            while len(self._kept) >= 4 * KEPT_WEEKS:
                del self._kept[next(iter(self._kept))]
            self._kept[what, week] = found
        return found
