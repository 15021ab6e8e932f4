"""In which past weeks of a station something may have changed after they were reckoned. Pure.

Reckoning a week twice, by what was there in time and by what is there now, costs as much as the whole station. A year
has fifty weeks, and in nearly all of them everything came in time and no date moved. A week is suspect

* where a session's end, or a word that it is closed, came after it was reckoned;
* where, when it was reckoned, the centre held a record whose date was not yet what it is now: the truth, or one of
  the two records that bound it, came later. Such a record may have stood in any week, this one among them;
* and every week is, where a card was copied or a session is told twice: nothing is known of these in general.

Whoever is not suspect would come out the same (`tests/centre/compliance/test_changing.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import NamedTuple

from estation_wire import counts
from estation_wire.counts import Showing
from estation_wire.dating import RANK, Dating, Journalled, Key
from estation_wire.reckoning import TYPES, DatedPart, deciding, parts_of
from estation_wire.records import ClockSet, WeekClosed
from estation_wire.values import Trust


class Received(NamedTuple):
    """A record, and when the centre got it."""

    at: datetime
    record: Journalled


Stretch = tuple[datetime, datetime]
"""From when on a record was here, until its date was what it is now."""


class Telling(NamedTuple):
    """What a station's records come to by now."""

    known: list[Journalled]
    dating: Dating
    parts: list[DatedPart]
    showings: list[Showing]


def telling(records: Iterable[Journalled], zone: tzinfo) -> Telling:
    """The parts and sessions of ``records``."""
    known = list(records)
    decided = deciding(known)
    dating = Dating(decided, zone)
    parts = parts_of(decided, dating)
    return Telling(known, dating, parts, counts.showings((each.part for each in parts), zone))


def suspects(past: Mapping[str, datetime], received: Collection[Received], now: Telling) -> frozenset[str]:
    """Which of ``past`` weeks, each with the instant of its reckoning, may come out differently by ``now``."""
    told = [each for each in received if isinstance(each.record.record, TYPES)]
    came = {(journal, record.seq): at for at, (journal, record) in told}
    if len(came) < len(told) or _mixed(came) or _told_twice(now.parts):
        return frozenset(past)
    late = {
        week
        for week, at in (*_booked(now, came), *_closings(told))
        if (until := past.get(week)) is not None and at > until
    }
    unsettled = _unsettled(told, came, now.dating)
    return frozenset(late) | {
        week for week, until in past.items() if any(here <= until < settled for here, settled in unsettled)
    }


def _booked(now: Telling, came: Mapping[Key, datetime]) -> Iterator[tuple[str, datetime]]:
    """The week in which each session is booked now, and when the end of each part came."""
    weeks = {each.session: each.week for each in now.showings}
    for each in now.parts:
        yield weeks[each.part.session], came[each.end]


def _closings(told: Iterable[Received]) -> Iterator[tuple[str, datetime]]:
    for at, (_, record) in told:
        if isinstance(record, WeekClosed):
            yield record.week, at


def _mixed(came: Mapping[Key, datetime]) -> bool:
    """Whether a journal's records did not come in their order: then neighbours may have come between."""
    in_order = sorted(came)
    return any(came[one] > came[next_] for one, next_ in pairwise(in_order) if one[0] == next_[0])


def _told_twice(parts: Sequence[DatedPart]) -> bool:
    return len({(each.part.session, each.part.part) for each in parts}) < len(parts)


def _unsettled(told: Sequence[Received], came: Mapping[Key, datetime], dating: Dating) -> set[Stretch]:
    """The stretches of time in which a record was here with another date than now; few, since boxes report often."""
    truths = any(isinstance(each.record.record, ClockSet) for each in told)
    worst = Trust.RTC if truths else Trust.GUESS  # without a truth the bounds alone date again, and guesses alone
    doubted = [each for each in told if RANK[each.record.record.trust] >= RANK[worst]]
    if not doubted:
        return set()
    found = set()
    for at, record in doubted:
        by = dating.date(record).by
        settled = max((came[key] for key in (*by, *_and_by(by, dating))), default=at)
        if settled > at:
            found.add((at, settled))
    return found


def _and_by(by: Iterable[Key], dating: Dating) -> Iterator[Key]:
    """What a record's bounds rest on themselves: a truth of their own boot, and nothing beyond that."""
    for key in by:
        yield from dating.of(key).by
