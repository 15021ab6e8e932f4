"""When a record was really made, on the box and at the centre alike. Pure.

A box that does not know the time stamps its records all the same, with its trust beside the reading. Three rules
date them again, the surest first:

* by **truth**: a ``clock.set`` of the same boot, at or after the record's ``up``, from a better source than the
  record's own trust. The monotonic seconds between the two are certain. The best source speaks, of one source the
  first: so a clock that was set wrongly by hand is put right by the network later in the same boot;
* by **bounds**: a boot that ended without truth lies between the nearest dated records before and after it in its
  journal. Where both lie in one ISO week of the site, the record is dated into it: its own reading, moved between
  the bounds, believed like the worse of the two;
* else it stays as told, and a guess stays a guess.

Order and number of arrivals change nothing: a record is known by its journal and its number there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import islice
from operator import lt
from typing import Final, NamedTuple

from estation_wire.codec import encode
from estation_wire.counts import week_of
from estation_wire.records import ClockSet, Record
from estation_wire.values import Trust

RANK: Final[Mapping[Trust, int]] = {trust: rank for rank, trust in enumerate(Trust)}
"""How far a trust can be believed; 0 is the best."""
_SOURCES: Final = tuple(trust for trust in Trust if trust is not Trust.GUESS)  # a guess is no truth

Key = tuple[str, int]
"""A record's place: its journal and its number there."""


class Journalled(NamedTuple):
    """A record, and the journal that it stands in."""

    journal: str
    record: Record

    @property
    def key(self) -> Key:
        """Its place."""
        return self.journal, self.record.seq


class How(StrEnum):
    """How a date came about."""

    AS_TOLD = "as-told"
    RE_DATED = "re-dated"
    BOUNDED = "bounded"


class Dated(NamedTuple):
    """When something was, how far that can be believed, how it is known, and by which other records."""

    at: datetime
    trust: Trust
    how: How = How.AS_TOLD
    by: tuple[Key, ...] = ()


def in_order(records: Iterable[Journalled]) -> list[Journalled]:
    """Each record once, by journal and number.

    Of two that differ under one number (a cloned card) one is taken, the same whichever came first.
    """
    told = list(records)
    keys = [(journal, record.seq) for journal, record in told]
    if all(map(lt, keys, islice(keys, 1, None))):  # as a journal and a database give them; a year has a hundred
        return told
    single: dict[Key, Record] = {}
    for journal, record in told:
        key = journal, record.seq
        other = single.setdefault(key, record)
        if other is not record and other != record:
            single[key] = min(other, record, key=encode)
    return [Journalled(key[0], single[key]) for key in sorted(single)]


class Dating:
    """The dates of all records of one station; ``zone`` is the site's, whose weeks the bounds must lie in.

    Costs O(n log n) once. Bounds are sought among the very records given: whoever must agree gives the same kinds
    (`reckoning.KINDS`).
    """

    def __init__(self, records: Iterable[Journalled], zone: tzinfo) -> None:
        known = in_order(records)
        self._truths = _truths(known)
        dates = (
            [self._by_truth(each.record) for each in known]
            if self._truths
            else [Dated(each.record.at, _own_trust(each.record)) for each in known]
        )
        _bound(known, dates, zone)
        self._dates = {(journal, record.seq): dated for (journal, record), dated in zip(known, dates, strict=True)}

    def date(self, each: Journalled) -> Dated:
        """When ``each``, one of the records given, was made."""
        return self._dates[each.key]

    def of(self, key: Key) -> Dated:
        """When the record at that place, one of those given, was made."""
        return self._dates[key]

    def date_of(self, told: datetime, each: Journalled) -> datetime:
        """The true time of an instant that the record ``each`` tells of, by the same clock as its own ``at``."""
        dated = self._dates[each.key]
        if dated.how is How.RE_DATED:
            return told + (dated.at - each.record.at)
        if dated.how is How.BOUNDED:
            before, after = (self._dates[key].at for key in dated.by)
            return min(max(told, before), after)
        return told

    def _by_truth(self, record: Record) -> Dated:
        trust = _own_trust(record)
        truths_of_boot = self._truths.get(record.boot)
        if truths_of_boot is None:
            return Dated(record.at, trust)
        for source, truths in truths_of_boot.items():
            if RANK[source] >= RANK[trust]:
                break
            place = bisect_left(truths, record.up, key=_up)
            if place < len(truths):
                truth = truths[place]
                at = truth.record.at - timedelta(seconds=truth.record.up - record.up)
                return Dated(at, source, How.RE_DATED, (truth.key,))
        return Dated(record.at, trust)


def _own_trust(record: Record) -> Trust:
    return record.source if isinstance(record, ClockSet) else record.trust


def _up(each: Journalled) -> float:
    return each.record.up


def _truths(known: Sequence[Journalled]) -> dict[str, dict[Trust, list[Journalled]]]:
    """The ``clock.set`` records of each boot, by source, the best first, each in the order of its boot's seconds."""
    found: dict[str, dict[Trust, list[Journalled]]] = {}
    for each in known:
        if isinstance(each.record, ClockSet) and each.record.source in _SOURCES:
            of_boot = found.setdefault(each.record.boot, {source: [] for source in _SOURCES})
            of_boot[each.record.source].append(each)
    for of_boot in found.values():
        for truths in of_boot.values():
            truths.sort(key=_up)  # known is in order, and a sort keeps it among equals
    return found


def _bound(known: Sequence[Journalled], dates: list[Dated], zone: tzinfo) -> None:
    """Date what is a guess by its neighbours in the journal, in place."""
    journal, before, guesses = "", -1, list[int]()
    for place, each in enumerate(known):
        if each.journal != journal:
            journal, before = each.journal, -1
            guesses.clear()
        if dates[place].trust is Trust.GUESS:
            guesses.append(place)
            continue
        if guesses and before >= 0:
            _between(known, dates, guesses, (before, place), zone)
        guesses.clear()
        before = place


def _between(
    known: Sequence[Journalled], dates: list[Dated], guesses: Iterable[int], ends: tuple[int, int], zone: tzinfo
) -> None:
    before, after = (dates[place] for place in ends)
    if before.at > after.at or week_of(before.at, zone) != week_of(after.at, zone):
        return
    trust = max(before.trust, after.trust, key=RANK.__getitem__)
    by = tuple(known[place].key for place in ends)
    for place in guesses:
        at = min(max(dates[place].at, before.at), after.at)
        dates[place] = Dated(at, trust, How.BOUNDED, by)
