"""What one room's records come to, week by week: the verdict, whether it changed, what stood in the way. Pure.

A room is a station. The reckoning is the box's own (`estation_wire.reckoning`); here stands only what the centre adds:
when records came, and a cause for each week that was not met.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from estation_central.stations.changing import Received, Telling, telling
from estation_central.stations.reopening import Owed, Reopened, all_reopened, monday_of
from estation_wire import counts
from estation_wire.counts import Due, Evidence, Showing, Verdict, WeekResult, week_of
from estation_wire.dating import Journalled
from estation_wire.reckoning import closed_weeks
from estation_wire.records import SessionEnded
from estation_wire.values import Trust

WEEK: Final = timedelta(days=7)


class Cause(StrEnum):
    """What stood in the way, the nearest to a met week first; of a site the nearest of its rooms."""

    TV_OFF = "tv-off"
    """It was shown long enough, to a TV that was off."""
    TOO_SHORT = "too-short"
    """Something was shown, and not enough of it."""
    CLOCK_GUESSED = "clock-guessed"
    """Sessions came in this week whose day nobody knows: they stand in no week of the calendar."""
    NO_SESSION = "no-session"
    """The box was up, and showed nothing."""
    SILENT = "silent"
    """Of this week the box has told nothing: it is off, broken, or its report is not here yet."""


class Lost(StrEnum):
    """To what a week was lost that a site cannot help."""

    POWER = "power"
    OURS = "ours"


OURS: Final = frozenset({"fault", "missing", "command", "bulletin"})
"""Reasons of a session's end that are the network's own: a broken box, a film that was not there, our own order."""


class RoomWeek(NamedTuple):
    """One week of one room."""

    result: WeekResult
    reopened: Reopened | None = None
    cause: Cause | None = None
    lost: Lost | None = None


class Room(Struct, frozen=True, kw_only=True):
    """All weeks of one room; ask `week` for one. ``ends``: the parts of each session, in order."""

    weeks: Mapping[str, WeekResult]
    reopened: Mapping[str, Reopened]
    showings: tuple[Showing, ...]
    by_week: Mapping[str, Sequence[Showing]]
    """The same by the week in which they are booked."""
    ends: Mapping[str, Sequence[SessionEnded]]
    due: Due
    instants: Sequence[datetime]
    """When the box was up, as far as its records tell; in order."""
    undated: frozenset[str]
    """Weeks in which sessions came that have no date."""
    zone: tzinfo

    @property
    def dated(self) -> Iterator[str]:
        """The week of each session that was shown by a clock that is no guess."""
        return (each.week for each in self.showings if each.evidence is not Evidence.CLOCK_GUESSED)

    @property
    def first(self) -> str | None:
        """The first week in which anything was shown, by a clock that is no guess."""
        return min(self.dated, default=None)

    def week(self, week: str, *, closed: bool) -> RoomWeek:
        """One week; ``closed`` by the site's calendar."""
        result = self.weeks.get(week) or counts.judge(week, (), self.due, closed=closed)
        if result.verdict is not Verdict.NOT_MET:
            return RoomWeek(result, self.reopened.get(week))
        shown = self.by_week.get(week, ())
        lost = lost_to(reason for each in shown for reason in self._reasons(each.session))
        return RoomWeek(result, self.reopened.get(week), self._cause(week, shown), lost)

    def _reasons(self, session: str) -> list[str]:
        return [each.reason for each in self.ends[session]]

    def _cause(self, week: str, shown: Sequence[Showing]) -> Cause:
        long_enough = [each for each in shown if each.counting >= self.due.seconds]
        dark = any(each.evidence is Evidence.TV_OFF for each in long_enough)
        if dark and len(long_enough) >= self.due.sessions:
            return Cause.TV_OFF
        if any(each.counting > 0 for each in shown):
            return Cause.TOO_SHORT
        if week in self.undated:
            return Cause.CLOCK_GUESSED
        monday = monday_of(week, self.zone)
        place = bisect_left(self.instants, monday)
        up = place < len(self.instants) and self.instants[place] < monday + WEEK
        return Cause.NO_SESSION if up else Cause.SILENT


def lost_to(reasons: Iterable[str]) -> Lost | None:
    """What cut the sessions of a week that was not met; our own fault before the power's."""
    told = set(reasons)
    if told & OURS:
        return Lost.OURS
    return Lost.POWER if "power" in told else None


def reckon(received: Sequence[Received], zone: tzinfo, due: Due, closed: AbstractSet[str] = frozenset()) -> Room:
    """A room from its records of `reckoning.KINDS`; ``closed``: weeks that the site's calendar closes."""
    now = telling((each.record for each in received), zone)
    shut = closed | closed_weeks(now.known)
    shown: dict[str, list[Showing]] = {week: [] for week in shut}
    for showing in now.showings:
        shown.setdefault(showing.week, []).append(showing)
    weeks = {week: counts.judge(week, each, due, closed=week in shut) for week, each in shown.items()}
    return Room(
        weeks=weeks,
        reopened=all_reopened(weeks, received, now, zone, Owed(due, closed)),
        showings=tuple(now.showings),
        by_week=shown,
        ends=_ends(now.known),
        due=due,
        instants=sorted(_up(now)),
        undated=_undated(received, now, zone),
        zone=zone,
    )


def _ends(known: Iterable[Journalled]) -> dict[str, list[SessionEnded]]:
    ends: dict[str, list[SessionEnded]] = {}
    for each in known:
        if isinstance(each.record, SessionEnded):
            ends.setdefault(each.record.session, []).append(each.record)
    return ends


def _up(now: Telling) -> list[datetime]:
    known = [each.record.at for each in now.known if each.record.trust is not Trust.GUESS]
    return known + [each.began for each in now.showings]


def _undated(received: Iterable[Received], now: Telling, zone: tzinfo) -> frozenset[str]:
    """The weeks in which the ends of sessions came that stay a guess and are booked elsewhere."""
    guessed = {each.session: each.week for each in now.showings if each.evidence is Evidence.CLOCK_GUESSED}
    if not guessed:
        return frozenset()
    ends = {each.end: guessed[each.part.session] for each in now.parts if each.part.session in guessed}
    told = ((ends.get(each.record.key), week_of(each.at, zone)) for each in received if each.record.key in ends)
    return frozenset(came for booked, came in told if booked != came)
