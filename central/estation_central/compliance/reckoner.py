"""Reckons what changed: stations with new records, and sites whose terms or whose week are others now.

A station is always reckoned whole, from all its records of the few kinds that verdicts hang on (a hundred a year): so
what stands in the tables is what a reckoning from the records gives, however often and in whatever lots it was
brought up to date. What only adds up (items, bulletins, attendances) is taken from the records above the mark alone, in
the same transaction that moves the mark.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from msgspec import Struct

from estation_central.compliance import plays, rooms, rows, sites, tables
from estation_central.compliance.rooms import Room
from estation_central.compliance.sites import Place
from estation_central.compliance.tables import Row
from estation_central.registry.standing import EVER, STILL, Stay, Stood
from estation_central.stations.changing import Received
from estation_wire.counts import week_of

STATIONS_AT_ONCE: Final = tables.AT_ONCE  # of one transaction: some tens of thousands of records


class Done(Struct, kw_only=True):
    """What a pass did."""

    sites: int = 0
    stations: int = 0
    rows: int = 0


def due(places: Sequence[Place], now: datetime) -> list[Place]:
    """The places in which something changed: records, terms, or the week; and those that share a station with them."""
    changed = set(tables.changed_stations())
    known = {row[0]: row for row in tables.run("SELECT site, terms, week FROM reckoned_site")}

    def differs(place: Place) -> bool:
        return bool(changed.intersection(place.stations)) or known.get(place.terms.site) != _reckoned_site(place, now)

    return [place for some in together(places) if any(map(differs, some)) for place in some]


def together(places: Sequence[Place]) -> list[list[Place]]:
    """``places`` in groups: a station that went from one site to another makes one group of both."""
    group: dict[str, int] = {}
    groups: list[list[Place]] = []
    for place in places:
        joined = sorted({group[name] for name in place.stations if name in group}) or [len(groups)]
        if joined[0] == len(groups):
            groups.append([])
        into = groups[joined[0]]
        into.append(place)
        for other in joined[1:]:
            group.update({name: joined[0] for each in groups[other] for name in each.stations})
            into += groups[other]
            groups[other] = []
        group.update(dict.fromkeys(place.stations, joined[0]))
    return [some for some in groups if some]


def lots(places: Sequence[Place]) -> list[list[Place]]:
    """``places`` in lots of about `STATIONS_AT_ONCE` stations; a site and a group are never divided."""
    made: list[list[Place]] = []
    room = 0
    for some in together(places):
        size = sum(len(place.stations) for place in some)
        if not made or size > room:
            made.append([])
            room = STATIONS_AT_ONCE
        made[-1] += some
        room -= size
    return made


def reckon(places: Sequence[Place], now: datetime) -> Done:
    """Reckon a lot of places and write what differs, in one transaction."""
    with transaction.atomic():
        tables.lock_topics(alone=False)
        stations = sorted({name for place in places for name in place.stations})
        marks = tables.marks(stations) if stations else {}  # first of all: what comes meanwhile is for the next pass
        received = dict(tables.records(stations)) if stations else {}
        verdicts: list[Row] = []
        rooms_of: dict[str, list[tuple[str, Room]]] = {name: [] for name in stations}
        for place in places:
            reckoned = _rooms(place, received)
            verdicts += (rows.site(place.terms.site, each) for each in sites.site_weeks(place.terms, reckoned, now))
            for name, room in reckoned.items():
                rooms_of[name].append((place.terms.site, room))
        stood = {name: found for place in places for name, found in _stood(place)}
        showings = [row for name, told in rooms_of.items() for row in rows.showings(name, dict(told), stood[name])]
        codes = [place.terms.site for place in places]
        changed = [tables.replace(tables.SITE, codes, verdicts)]
        if stations:
            changed.append(tables.replace(tables.SHOWING, stations, showings))
            tables.replace(tables.STAY, stations, [row for name in stations for row in rows.stays(name, stood[name])])
            _add_up(stations, marks)
        counted = tables.held(tables.ATTENDANCE, stations) if stations else {}
        tables.replace(tables.MONTH, codes, rows.months(stood, showings, counted))
        days = rows.topic_days(stood, showings, tables.items(stations)) if stations else []
        tables.replace(tables.TOPIC_DAY, codes, days)
        tables.replace(tables.TOPIC_MONTH, codes, rows.topic_months(days))
        plays.bring_up_to_date(codes, stations)
        tables.put(tables.RECKONED_SITE, [_reckoned_site(place, now) for place in places])
    return Done(
        sites=len(places), stations=len(stations), rows=sum(len(each.gone) + len(each.fresh) for each in changed)
    )


def _rooms(place: Place, received: Mapping[str, Sequence[Received]]) -> dict[str, Room]:
    """The stations of a place by its own terms, each whole: which of its weeks are the place's is asked afterwards."""
    terms, shut = place.terms, frozenset(place.terms.shut)
    return {name: rooms.reckon(received.get(name, []), terms.zone, terms.due, shut) for name in place.stations}


def _stood(place: Place) -> Iterator[tuple[str, Stood]]:
    here = Stood((Stay(place.terms.site, EVER, STILL),))
    return ((name, place.terms.stood.get(name, here)) for name in place.stations)


def forget() -> None:
    """Remove everything that was reckoned, so that the next pass makes it again from the records."""
    with transaction.atomic():
        for table in tables.ALL:
            tables.forget(table)


def _reckoned_site(place: Place, now: datetime) -> Row:
    return place.terms.site, rows.digest(place), week_of(now, place.terms.zone)


def _add_up(stations: Collection[str], marks: Mapping[tuple[str, str], int]) -> None:
    """Take in what is new above the marks; a station whose mark went back begins anew."""
    before = tables.reckoned(stations)
    back = sorted({key[0] for key, mark in before.items() if marks.get(key, 0) < mark})
    for table in (tables.ITEM, tables.BULLETIN, tables.ATTENDANCE, tables.RECKONED):
        tables.forget(table, back)
    before = {key: mark for key, mark in before.items() if key[0] not in back}
    sums = rows.Sums()
    fresh = [(*key, before.get(key, 0), mark) for key, mark in marks.items() if before.get(key, -1) != mark]
    for cut in range(0, len(fresh), tables.AT_ONCE):
        for each in tables.added(fresh[cut : cut + tables.AT_ONCE], rows.PLAIN_KINDS):
            sums.take(*each)
    tables.add_up(tables.ITEM, sums.items)
    tables.add_up(tables.BULLETIN, sums.bulletins)
    tables.put(tables.ATTENDANCE, [(*key, number) for key, number in sums.attendances.items()])
    moved = [(*key, mark) for key, mark in marks.items() if before.get(key, -1) != mark]
    tables.put(tables.RECKONED, moved)
