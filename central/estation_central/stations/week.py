"""One station's week from its records: dating them again, counting, judging. Pure.

A record made at trust ``guess`` is dated again by the first ``clock.set`` of its boot that follows it: the
monotonic seconds between the two are certain. A session is dated where it began, so by its ``session.started``:
the end of one that a power cut broke off is written by the next boot, which may not know the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from msgspec import Struct

from estation_wire import counts
from estation_wire.counts import Due, Part, Showing, Verdict, WeekResult
from estation_wire.records import ClockSet, Record, SessionEnded, SessionStarted, Stamp, WeekClosed
from estation_wire.values import Trust

KINDS: Final = ("session.started", "session.ended", "clock.set", "week.closed")
"""The kinds of records that a verdict hangs on."""


class Dated(NamedTuple):
    """When something was, and how far that can be believed."""

    at: datetime
    trust: Trust


class Dating:
    """Dates records again by the ``clock.set`` records of their boots."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._set: dict[str, list[ClockSet]] = {}
        for record in records:
            if isinstance(record, ClockSet):
                self._set.setdefault(record.boot, []).append(record)
        for each in self._set.values():
            each.sort(key=lambda record: record.up)

    def date(self, record: Stamp) -> Dated:
        """When ``record`` was made: as it says, or better where its boot learnt the time later."""
        if record.trust is Trust.GUESS and not isinstance(record, ClockSet):
            for truth in self._set.get(record.boot, ()):
                if truth.up >= record.up:
                    return Dated(truth.at - timedelta(seconds=truth.up - record.up), truth.source)
        return Dated(record.at, record.trust)


class StationWeek(Struct, frozen=True, kw_only=True):
    """One week of one station: the verdict and the four columns, and the sessions behind them."""

    result: WeekResult
    due: Due
    sessions: tuple[Showing, ...]
    ends: Mapping[str, SessionEnded]
    """The last part's record of each session, by the session's id."""

    @property
    def met(self) -> bool:
        """Whether the minimum is met."""
        return self.result.verdict is Verdict.MET

    @property
    def best_seconds(self) -> float:
        """Counting seconds of the longest session that can fulfil the minimum."""
        can = [s.counting for s in self.sessions if s.evidence is not counts.Evidence.TV_OFF]
        return max(can, default=0.0)

    @property
    def good_sessions(self) -> int:
        """Sessions long enough that can fulfil the minimum."""
        return sum(n for evidence, n in self.result.sessions.items() if evidence is not counts.Evidence.TV_OFF)


def parts(records: Iterable[Record]) -> list[Part]:
    """The parts of all sessions, dated again where truth came later."""
    known = list(records)
    dating = Dating(known)
    starts = {(r.session, r.part): dating.date(r) for r in known if isinstance(r, SessionStarted)}
    return [
        _part(record, dating.date(record), starts.get((record.session, record.part)))
        for record in known
        if isinstance(record, SessionEnded)
    ]


def _part(ended: SessionEnded, end: Dated, start: Dated | None) -> Part:
    if start is not None:
        return counts.part_of(ended, began=start.at, trust=start.trust)
    return counts.part_of(ended, began=ended.began + (end.at - ended.at), trust=end.trust)


def closed_weeks(records: Iterable[Record]) -> frozenset[str]:
    """The weeks in which the site owes nothing."""
    return frozenset(record.week for record in records if isinstance(record, WeekClosed))


def station_week(week: str, records: Iterable[Record], zone: tzinfo, due: Due) -> StationWeek:
    """The ISO week ``week`` (such as ``2026-W48``) in local time of ``zone``, from records of the kinds in `KINDS`."""
    known = list(records)
    shown = [each for each in counts.showings(parts(known), zone) if each.week == week]
    result = counts.judge(week, shown, due, closed=week in closed_weeks(known))
    ends: dict[str, SessionEnded] = {}
    for record in known:
        if isinstance(record, SessionEnded) and record.part >= ends.get(record.session, record).part:
            ends[record.session] = record
    return StationWeek(result=result, due=due, sessions=tuple(shown), ends=ends)
