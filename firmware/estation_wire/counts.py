"""One function says what counts, on the box and at the centre alike.

Seconds of counting items of one session, summed over its parts (interruptions of at most 30 minutes),
booked in the ISO week (local time) in which the session began, whoever asked for it. The box alone decides
that a session goes on (`RESUME_WITHIN`) and says so by repeating the session's id: only it has a clock that
did not jump in between, so the parts' own dates are never compared. Each session's
evidence is the first that applies of *TV off*, *clock guessed*, *TV not known*, *confirmed*: four
columns everywhere, never one. *TV off* never fulfils the minimum; the other three do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from math import ceil, fsum
from typing import Final

from msgspec import Struct

from estation_wire.records import SessionEnded
from estation_wire.values import Trust, Tv

RESUME_WITHIN: Final = timedelta(minutes=30)


class Evidence(StrEnum):
    """How sure it is that a session was seen; the first that applies."""

    TV_OFF = "tv-off"
    CLOCK_GUESSED = "clock-guessed"
    TV_UNKNOWN = "tv-unknown"
    CONFIRMED = "confirmed"


KINDS: Final = tuple(Evidence)


class Verdict(StrEnum):
    """What a week is against the site's minimum and calendar."""

    MET = "met"
    NOT_MET = "not met"
    NOT_DUE = "not due"


class Part(Struct, frozen=True, kw_only=True):
    """One part of a session, as its ``session.ended`` record tells it."""

    session: str
    part: int
    began: datetime
    counting: float
    tv: Tv
    trust: Trust


class Showing(Struct, frozen=True, kw_only=True):
    """One session, its parts together. ``week`` is the ISO week in which it began, in local time."""

    session: str
    week: str
    began: datetime
    counting: float
    evidence: Evidence


class Due(Struct, frozen=True, kw_only=True):
    """What is owed each week: so many sessions of so many seconds."""

    sessions: int = 1
    seconds: float = 600.0


class WeekResult(Struct, frozen=True, kw_only=True):
    """One week of one site: the verdict, and the four columns for sessions and for seconds."""

    week: str
    verdict: Verdict
    sessions: Mapping[Evidence, int]
    seconds: Mapping[Evidence, float]

    @property
    def best_seconds(self) -> float:
        """Seconds of every session that can fulfil the minimum, whatever its column."""
        return sum(seconds for evidence, seconds in self.seconds.items() if evidence is not Evidence.TV_OFF)


class Policy(StrEnum):
    """How many rooms of a site with several stations must meet the minimum."""

    ANY_ROOM = "any-room"
    SHARE = "share"
    EVERY_ROOM = "every-room"


class SitePolicy(Struct, frozen=True, kw_only=True):
    """The site's policy; ``share`` (0 to 1, of the rooms) is of meaning for `Policy.SHARE` only."""

    policy: Policy = Policy.ANY_ROOM
    share: float = 1.0

    def needed(self, rooms: int) -> int:
        """How many of so many rooms must meet it; at least one."""
        wanted = {Policy.ANY_ROOM: 0.0, Policy.SHARE: self.share, Policy.EVERY_ROOM: 1.0}[self.policy]
        return max(1, ceil(round(wanted * rooms, 6)))  # 7 % of 100 rooms are 7.000000000000001


def part_of(ended: SessionEnded, *, trust: Trust | None = None, began: datetime | None = None) -> Part:
    """The part that a record tells of; ``trust`` and ``began`` where it was dated again."""
    return Part(
        session=ended.session,
        part=ended.part,
        began=began or ended.began,
        counting=ended.counting,
        tv=ended.tv,
        trust=trust or ended.trust,
    )


def week_of(instant: datetime, zone: tzinfo) -> str:
    """The ISO week of an instant in local time, such as ``2026-W48``."""
    year, week, _ = instant.astimezone(zone).isocalendar()
    return f"{year:04}-W{week:02}"


def evidence(parts: Iterable[Part]) -> Evidence:
    """The first that applies over all parts of one session."""
    return KINDS[min(map(_first_that_applies, parts), default=len(KINDS) - 1)]


def _first_that_applies(part: Part) -> int:
    """Its place in `KINDS`, which stand in the order of the rule: over all parts the least is the first."""
    if part.tv is Tv.OFF:
        return 0
    if part.trust is Trust.GUESS:
        return 1
    return 2 if part.tv is Tv.UNKNOWN else 3


def showings(parts: Iterable[Part], zone: tzinfo) -> list[Showing]:
    """Sessions from their parts, in whatever order and however often the parts came.

    Where one part is told twice and differently, the fuller telling stands.
    """
    sessions: dict[str, list[Part]] = {}
    for part in parts:
        sessions.setdefault(part.session, []).append(part)
    result = []
    for session, told in sessions.items():
        all_parts = told if len(told) == 1 else _in_order(told)
        began = all_parts[0].began
        result.append(
            Showing(
                session=session,
                week=week_of(began, zone),
                began=began,
                counting=fsum(part.counting for part in all_parts),
                evidence=evidence(all_parts),
            )
        )
    return sorted(result, key=lambda showing: (showing.began, showing.session))


def _in_order(told: Iterable[Part]) -> list[Part]:
    by_number: dict[int, Part] = {}
    for part in told:
        by_number[part.part] = max(by_number.get(part.part, part), part, key=_fullness)
    return [by_number[number] for number in sorted(by_number)]


def _fullness(part: Part) -> tuple[float, datetime, Tv, Trust]:
    """An order that is total, so that the result does not hang on the order of arrival."""
    return part.counting, part.began, part.tv, part.trust


def judge(week: str, shown: Iterable[Showing], due: Due, *, closed: bool = False) -> WeekResult:
    """The verdict of one week; sessions below the minimum's seconds stand in no column."""
    counts = dict.fromkeys(KINDS, 0)
    seconds = dict.fromkeys(KINDS, 0.0)
    booked: dict[Evidence, list[float]] = {}
    enough = 0
    for showing in shown:
        if showing.week == week and showing.counting > 0:
            booked.setdefault(showing.evidence, []).append(showing.counting)
            if showing.counting >= due.seconds:
                counts[showing.evidence] += 1
                enough += showing.evidence is not Evidence.TV_OFF
    unmet = Verdict.NOT_DUE if closed else Verdict.NOT_MET
    verdict = Verdict.MET if enough >= due.sessions else unmet
    for kind, each in booked.items():
        seconds[kind] = fsum(each)
    return WeekResult(week=week, verdict=verdict, sessions=counts, seconds=seconds)


def site_verdict(policy: SitePolicy, results: Collection[WeekResult], *, closed: bool = False) -> WeekResult:
    """One week of a site from the results of its stations, one each, of that week; the columns are summed.

    A room meets the minimum by itself. Where a room's week is closed, the site's is: the site owes it, not the room.
    Raises `ValueError` where there is no room, or the results are of several weeks.
    """
    (week,) = {result.week for result in results}
    met = sum(result.verdict is Verdict.MET for result in results)
    shut = closed or any(result.verdict is Verdict.NOT_DUE for result in results)
    unmet = Verdict.NOT_DUE if shut else Verdict.NOT_MET
    return WeekResult(
        week=week,
        verdict=Verdict.MET if met >= policy.needed(len(results)) else unmet,
        sessions={kind: sum(result.sessions[kind] for result in results) for kind in KINDS},
        seconds={kind: fsum(result.seconds[kind] for result in results) for kind in KINDS},
    )
