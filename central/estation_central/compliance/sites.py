"""From rooms to the site, which is what owes the week, gets the subsidy and is visited. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from msgspec import Struct

from estation_central.compliance.rooms import Cause, Lost, Room, RoomWeek
from estation_central.registry.standing import Stood
from estation_central.stations.reopening import Reopened, Why, monday_of
from estation_wire import counts
from estation_wire.counts import Due, SitePolicy, Verdict, WeekResult, week_of

MAX_WEEKS: Final = 53 * 20  # of one site; beyond it a clock of ours is wrong
CALENDAR: Final = "calendar"


class Terms(Struct, frozen=True, kw_only=True):
    """What a site owes, as the registry says. ``opened`` to ``closed``: since and until when it is in the network.

    ``shut``: the weeks in which it owes nothing, and why.
    """

    site: str
    zone: tzinfo
    due: Due = Due()
    policy: SitePolicy = SitePolicy()
    opened: date | None = None
    closed: date | None = None
    shut: Mapping[str, str] = {}
    left: Mapping[str, str] = {}
    """The last week of each station that was given up."""
    stood: Mapping[str, Stood] = {}
    """Where each station stood in which week; one that is not named has stood here from the beginning."""


class Place(Struct, frozen=True, kw_only=True):
    """A site with its terms and the names of its stations, also of those that have stood there and went on."""

    terms: Terms
    stations: tuple[str, ...]


class SiteReopened(Struct, frozen=True, kw_only=True):
    """The week of a site as it was reckoned first, where it is another now."""

    before: WeekResult
    at: datetime
    why: frozenset[Why]
    late: int


class SiteWeek(Struct, frozen=True, kw_only=True):
    """One week of one site. ``cause`` and ``lost`` stand where it was not met; ``shut`` says why nothing was due."""

    result: WeekResult
    rooms: int
    met_rooms: int
    cause: Cause | None = None
    lost: Lost | None = None
    shut: str = ""
    reopened: SiteReopened | None = None


def site_weeks(terms: Terms, rooms: Mapping[str, Room], now: datetime) -> Iterator[SiteWeek]:
    """Every week of the site, from the first to the one that it is at ``now``; ``rooms`` by their station's name.

    A week in which no station was the site's has no line: whatever was shown stands with the site that had it.
    """
    span = _span(terms, rooms, now)
    moved = {name: stood for name, stood in terms.stood.items() if len(stood.stays) > 1}
    begins = {
        name: min(stood.since, rooms[name].first or stood.since)
        for name, stood in terms.stood.items()
        if span and stood.since > span[0]  # else it was there all the time
    }
    for week in span:
        mine = {name for name, stood in moved.items() if stood.site(week) == terms.site}
        here = {name: room for name, room in rooms.items() if name not in moved or name in mine} if moved else rooms
        if here:
            yield _week(week, terms, here, begins)


def _week(week: str, terms: Terms, rooms: Mapping[str, Room], begins: Mapping[str, str]) -> SiteWeek:
    """``begins``: since when a station is known to have been a room at all; it is one until it was given up."""
    closed = week in terms.shut
    of_rooms = [
        room.week(week, closed=closed)
        for name, room in rooms.items()
        if begins.get(name, week) <= week <= terms.left.get(name, week) or room.by_week.get(week)
    ] or [room.week(week, closed=closed) for room in rooms.values()]
    results = [each.result for each in of_rooms]
    result = results[0] if len(results) == 1 else counts.site_verdict(terms.policy, results, closed=closed)
    unmet = [each for each in of_rooms if each.cause is not None] if result.verdict is Verdict.NOT_MET else []
    said = "" if result.verdict is not Verdict.NOT_DUE else terms.shut.get(week, CALENDAR)
    return SiteWeek(
        result=result,
        rooms=len(of_rooms),
        met_rooms=sum(each.verdict is Verdict.MET for each in results),
        cause=min((each.cause for each in unmet if each.cause), key=_NEAREST.index, default=None),
        lost=_lost(unmet),
        shut=said,
        reopened=_reopened(of_rooms, result, terms, closed=closed),
    )


_NEAREST: Final = tuple(Cause)


def _lost(unmet: list[RoomWeek]) -> Lost | None:
    """Our own fault in any room excuses the site before the power does."""
    told = {each.lost for each in unmet}
    return Lost.OURS if Lost.OURS in told else Lost.POWER if Lost.POWER in told else None


def _reopened(of_rooms: list[RoomWeek], result: WeekResult, terms: Terms, *, closed: bool) -> SiteReopened | None:
    changed: list[Reopened] = [each.reopened for each in of_rooms if each.reopened is not None]
    if not changed:
        return None
    befores = [each.reopened.before.result if each.reopened else each.result for each in of_rooms]
    before = befores[0] if len(befores) == 1 else counts.site_verdict(terms.policy, befores, closed=closed)
    if before == result:
        return None
    return SiteReopened(
        before=before,
        at=min(each.at for each in changed),
        why=frozenset(why for each in changed for why in each.why),
        late=sum(each.late for each in changed),
    )


def _span(terms: Terms, rooms: Mapping[str, Room], now: datetime) -> list[str]:
    """The weeks in which the site is in the network: from its opening, else from the first session in any room."""
    current = week_of(now, terms.zone)
    first = iso_week(terms.opened) if terms.opened else _first_shown(terms, rooms, current)
    last = min(current, iso_week(terms.closed)) if terms.closed else current
    weeks: list[str] = []
    day = monday_of(first, terms.zone).date()
    while (week := iso_week(day)) <= last and len(weeks) < MAX_WEEKS:
        weeks.append(week)
        day += timedelta(days=7)
    return weeks


def _first_shown(terms: Terms, rooms: Mapping[str, Room], current: str) -> str:
    weeks = ((name, week) for name, room in rooms.items() for week in room.dated)
    mine = (week for name, week in weeks if name not in terms.stood or terms.stood[name].site(week) == terms.site)
    return min(mine, default=current)


def iso_week(day: date) -> str:
    """The ISO week of a day."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"
