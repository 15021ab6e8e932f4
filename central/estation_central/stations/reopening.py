"""A week that was reckoned, and came out differently later: what it was before, when it changed, and why. Pure.

Boxes without a network report late, and some learn the time late. A week is reckoned `GRACE` after its end, by the
records that the centre had received until then. Where the verdict, the counted sessions or the booked seconds differ
by what it has now, the week was re-opened, and its page says so: money is paid on these figures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import Struct

from estation_central.stations import changing
from estation_central.stations.changing import Received, Telling, telling
from estation_central.stations.week import StationWeek, of_showings
from estation_wire import counts
from estation_wire.counts import Due, Showing, WeekResult
from estation_wire.dating import Journalled, Key
from estation_wire.records import SessionEnded, WeekClosed

GRACE: Final = timedelta(hours=24)  # a hall that shows on Sunday evening has its network again by Monday evening


class Why(StrEnum):
    """Why a week came out differently."""

    LATE = "late"
    RE_DATED = "re-dated"


class Reopened(Struct, frozen=True, kw_only=True):
    """The week as it was reckoned first, when it first changed after that, and why."""

    before: StationWeek
    at: datetime
    why: frozenset[Why]
    late: int
    """Sessions' ends of this week, and words that it is closed, which came after the reckoning."""


@lru_cache(maxsize=4096)
def monday_of(week: str, zone: tzinfo) -> datetime:
    """Where an ISO week, such as ``2026-W48``, begins in local time."""
    return datetime.combine(date.fromisocalendar(int(week[:4]), int(week[6:]), 1), time.min, zone)


@lru_cache(maxsize=4096)  # a pass asks for the same weeks of the same few zones, station by station
def reckoned_at(week: str, zone: tzinfo) -> datetime:
    """When an ISO week, such as ``2026-W48``, is reckoned: `GRACE` after its last local midnight."""
    return monday_of(week, zone) + timedelta(days=7) + GRACE  # wall time: the zone's own offset on that day


def reopened(
    week: str, received: Iterable[Received], zone: tzinfo, due: Due, closed: AbstractSet[str] = frozenset()
) -> Reopened | None:
    """What the week was when it was reckoned, if it is another now; records of `reckoning.KINDS`."""
    until = reckoned_at(week, zone)
    told = list(received)
    late = {each.record.key: each.at for each in told if each.at > until}
    if not late:
        return None
    after = telling((each.record for each in told), zone)
    before = telling((each.record for each in told if each.record.key not in late), zone)
    was = of_showings(week, before.known, before.showings, due, closed)
    now = of_showings(week, after.known, after.showings, due, closed)
    if _same(was.result, now.result):
        return None
    in_time = counts.showings((each.part for each in after.parts if each.end not in late), zone)
    dated_again = of_showings(week, before.known, in_time, due, closed)
    why = set()
    if not _same(was.result, dated_again.result):
        why.add(Why.RE_DATED)
    if not _same(dated_again.result, now.result):
        why.add(Why.LATE)
    return Reopened(
        before=was,
        at=min(_changes(week, before, after, late), default=min(late.values())),
        why=frozenset(why),
        late=_late(now, after.known, late) if Why.LATE in why else 0,
    )


class Owed(NamedTuple):
    """What is owed each week, and the weeks in which, by the site's calendar, nothing is."""

    due: Due
    closed: AbstractSet[str] = frozenset()


def all_reopened(
    weeks: Collection[str], received: Collection[Received], now: Telling, zone: tzinfo, owed: Owed
) -> dict[str, Reopened]:
    """`reopened` for each of ``weeks``; those in which nothing can have changed are not looked at.

    ``now``: what the records ``received`` come to.
    """
    newest = max((each.at for each in received), default=datetime.min.replace(tzinfo=UTC))
    past = {week: until for week in weeks if (until := reckoned_at(week, zone)) < newest}
    suspect = changing.suspects(past, received, now) if past else frozenset()
    found = {week: reopened(week, received, zone, *owed) for week in sorted(suspect)}
    return {week: each for week, each in found.items() if each is not None}


def _same(one: WeekResult, other: WeekResult) -> bool:
    return (one.verdict, one.sessions, one.seconds) == (other.verdict, other.sessions, other.seconds)


def _changes(week: str, before: Telling, after: Telling, late: Mapping[Key, datetime]) -> list[datetime]:
    """When each session that changed, came or went did so: once the last record that it rests on was there."""
    was = {each.session: each for each in before.showings}
    now = {each.session: each for each in after.showings}
    changed = {
        session
        for session in was.keys() | now.keys()
        if was.get(session) != now.get(session) and week in _weeks(was.get(session), now.get(session))
    }
    rests_on: dict[str, list[datetime]] = {session: [] for session in changed}
    for each in after.parts:
        if each.part.session in changed:
            rests_on[each.part.session] += [late[key] for key in each.rests_on if key in late]
    closings = [late[each.key] for each in after.known if each.key in late and _closes(each, week)]
    return closings + [max(times) for times in rests_on.values() if times]


def _weeks(*showings: Showing | None) -> Collection[str]:
    return {each.week for each in showings if each is not None}


def _closes(each: Journalled, week: str) -> bool:
    return isinstance(each.record, WeekClosed) and each.record.week == week


def _late(now: StationWeek, known: Iterable[Journalled], late: Mapping[Key, datetime]) -> int:
    here = {each.session for each in now.sessions}
    return len(
        {
            each.key
            for each in known
            if each.key in late
            and (
                _closes(each, now.result.week)
                or (isinstance(each.record, SessionEnded) and each.record.session in here)
            )
        }
    )
