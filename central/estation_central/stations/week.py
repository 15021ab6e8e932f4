"""One station's week for its page: the reckoning that the box has too, and the records behind each session. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import tzinfo

from msgspec import Struct

from estation_wire import counts
from estation_wire.counts import Due, Evidence, Showing, Verdict, WeekResult
from estation_wire.dating import Journalled, in_order
from estation_wire.reckoning import closed_weeks, showings_of
from estation_wire.records import Day, PlaceChosen, SessionEnded, SessionStarted


class StationWeek(Struct, frozen=True, kw_only=True):
    """One week of one station: the verdict and the four columns, and the sessions behind them."""

    result: WeekResult
    due: Due
    sessions: tuple[Showing, ...]
    ends: Mapping[str, SessionEnded]
    """The last part's record of each session, by the session's id."""
    places: Mapping[str, str] = {}
    """The village in which a mobile station's people said to be, by the session's id; none where nobody chose."""

    @property
    def met(self) -> bool:
        """Whether the minimum is met."""
        return self.result.verdict is Verdict.MET

    @property
    def best_seconds(self) -> float:
        """Counting seconds of the longest session that can fulfil the minimum."""
        can = [s.counting for s in self.sessions if s.evidence is not Evidence.TV_OFF]
        return max(can, default=0.0)

    @property
    def good_sessions(self) -> int:
        """Sessions long enough that can fulfil the minimum."""
        return sum(n for evidence, n in self.result.sessions.items() if evidence is not Evidence.TV_OFF)


def station_week(
    week: str, records: Iterable[Journalled], zone: tzinfo, due: Due, closed: AbstractSet[str] = frozenset()
) -> StationWeek:
    """The ISO week ``week`` (such as ``2026-W48``) in local time of ``zone``, from records of `reckoning.KINDS`."""
    known = in_order(records)
    return of_showings(week, known, showings_of(known, zone), due, closed)


def of_showings(
    week: str,
    known: Iterable[Journalled],
    showings: Iterable[Showing],
    due: Due,
    closed: AbstractSet[str] = frozenset(),
) -> StationWeek:
    """The same from sessions that were put together already; ``known``: the records that they came from."""
    known = list(known)
    shown = [each for each in showings if each.week == week]
    result = counts.judge(week, shown, due, closed=week in closed | closed_weeks(known))
    ends: dict[str, SessionEnded] = {}
    for each in known:
        record = each.record
        if isinstance(record, SessionEnded) and record.part >= ends.get(record.session, record).part:
            ends[record.session] = record
    return StationWeek(result=result, due=due, sessions=tuple(shown), ends=ends, places=places_of(known))


def places_of(known: Iterable[Journalled]) -> dict[str, str]:
    """Where each session's first part began; ``known``: a station's records in order. A choice ends with its day."""
    place, places, seen = "", {}, set()
    for each in known:
        record = each.record
        if isinstance(record, PlaceChosen):
            place = record.name or record.place
        elif isinstance(record, Day):
            place = ""
        elif isinstance(record, SessionStarted) and record.session not in seen:
            seen.add(record.session)
            if place:
                places[record.session] = place
    return places
