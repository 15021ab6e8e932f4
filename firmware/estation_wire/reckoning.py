"""From a station's records to its weeks: the one reckoning of box and centre. Pure.

Records are dated again (`estation_wire.dating`), put together to sessions, booked in the week in which their first
part began, and judged (`estation_wire.counts`). What comes out hangs on the records alone, not on the order or the
number of their arrivals.

Only the `KINDS` are looked at, whatever else is given: so a box that remembers everything and a centre that asks
its database for these kinds find the same bounds, and come to the same weeks. ``boot`` and ``day`` are among them
because they stand in every boot: a boot without a session bounds its neighbours all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import tzinfo
from typing import Final

from msgspec import Struct

from estation_wire import counts
from estation_wire.counts import Due, Part, Showing, WeekResult
from estation_wire.dating import RANK, Dating, Journalled, Key, in_order
from estation_wire.records import Boot, ClockSet, Day, Record, SessionEnded, SessionStarted, WeekClosed

TYPES: Final[tuple[type[Record], ...]] = (Boot, ClockSet, Day, SessionEnded, SessionStarted, WeekClosed)
KINDS: Final[tuple[str, ...]] = tuple(str(each.__struct_config__.tag) for each in TYPES)
"""The kinds of records that a verdict hangs on, bounds of guessed dates included."""


def decides(record: Record) -> bool:
    """Whether a verdict may hang on ``record``: what a box must remember, and all that it need."""
    return isinstance(record, TYPES)


class DatedPart(Struct, frozen=True):
    """One part of a session with its date; ``rests_on``: its end, and the records that its date was taken from."""

    part: Part
    end: Key
    rests_on: tuple[Key, ...]


def dated_parts(records: Iterable[Journalled], zone: tzinfo) -> list[DatedPart]:
    """The parts of all sessions, each dated where it began.

    That is by its ``session.started``, where there is one: the end of a session that a power cut broke off is
    written by the next boot, which may not know the time.
    """
    known = deciding(records)
    return parts_of(known, Dating(known, zone))


def deciding(records: Iterable[Journalled]) -> list[Journalled]:
    """Those of ``records`` on which a verdict hangs, each once and in order."""
    return in_order(each for each in records if isinstance(each.record, TYPES))


def parts_of(known: Iterable[Journalled], dating: Dating) -> list[DatedPart]:
    """The same from records that were put in order and dated already."""
    starts: dict[tuple[str, int], Journalled] = {}
    ends: list[tuple[Journalled, SessionEnded]] = []
    for each in known:
        record = each.record
        if isinstance(record, SessionEnded):
            ends.append((each, record))
        elif isinstance(record, SessionStarted):
            place = record.session, record.part
            if place in starts:  # told twice: by a copied card, or by another journal
                starts[place] = min(starts[place], each, key=lambda start: RANK[dating.date(start).trust])
            else:
                starts[place] = each
    return [_part(each, ended, dating, starts.get((ended.session, ended.part))) for each, ended in ends]


def _part(end: Journalled, ended: SessionEnded, dating: Dating, start: Journalled | None) -> DatedPart:
    dated = dating.date(start or end)
    began = dated.at if start else dating.date_of(ended.began, end)
    part = counts.part_of(ended, began=began, trust=dated.trust)
    return DatedPart(part, end.key, (end.key, *([start.key] if start else []), *dated.by))


def showings_of(records: Iterable[Journalled], zone: tzinfo) -> list[Showing]:
    """All sessions, by the time of their beginning; ``zone`` is the site's."""
    return counts.showings((each.part for each in dated_parts(records, zone)), zone)


def closed_weeks(records: Iterable[Journalled]) -> frozenset[str]:
    """The weeks in which the site owes nothing, as the station's own records say."""
    return frozenset(each.record.week for each in records if isinstance(each.record, WeekClosed))


def weeks(
    records: Iterable[Journalled], zone: tzinfo, due: Due, closed: AbstractSet[str] = frozenset()
) -> dict[str, WeekResult]:
    """Every week in which something was shown or which is closed, in order.

    ``closed``: weeks that are closed by another word than a ``week.closed`` record, such as the profile's calendar.
    """
    known = list(records)
    shown: dict[str, list[Showing]] = {week: [] for week in closed | closed_weeks(known)}
    shut = frozenset(shown)
    for showing in showings_of(known, zone):
        shown.setdefault(showing.week, []).append(showing)
    return {week: counts.judge(week, shown[week], due, closed=week in shut) for week in sorted(shown)}


def week_of_records(
    week: str, records: Iterable[Journalled], zone: tzinfo, due: Due, closed: AbstractSet[str] = frozenset()
) -> WeekResult:
    """One ISO week, such as ``2026-W48``, whether or not anything was shown in it."""
    known = list(records)
    return counts.judge(week, showings_of(known, zone), due, closed=week in closed | closed_weeks(known))
