"""What was reckoned, as rows of the tables; and what only adds up. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import fsum
from typing import Any, Final

from estation_central.compliance.rooms import Room
from estation_central.compliance.sites import Place, SiteWeek
from estation_central.compliance.tables import Row, instant
from estation_central.registry.standing import EVER, STILL, Stood
from estation_central.stations.reopening import monday_of
from estation_wire import codec
from estation_wire.counts import Evidence, Showing, WeekResult
from estation_wire.records import AttendanceCounted, BulletinShown, ClipShown
from estation_wire.values import Trust

PLAIN_KINDS: Final = tuple(str(each.__struct_config__.tag) for each in (ClipShown, BulletinShown, AttendanceCounted))
"""Kinds that are added up as they come: no date of a session hangs on them."""
COLUMNS: Final = (Evidence.CONFIRMED, Evidence.TV_UNKNOWN, Evidence.CLOCK_GUESSED, Evidence.TV_OFF)


def site(name: str, week: SiteWeek) -> Row:
    """A row of `tables.SITE`."""
    again = week.reopened
    return (
        name,
        week.result.week,
        week.result.verdict.value,
        week.cause.value if week.cause else "",
        week.lost.value if week.lost else "",
        week.shut[:200],
        week.rooms,
        week.met_rooms,
        *columns(week.result),
        again.at.astimezone(UTC) if again else None,
        ",".join(sorted(again.why)) if again else "",
        again.late if again else 0,
        json.dumps([again.before.verdict.value, *columns(again.before)]) if again else "",
    )


def columns(result: WeekResult) -> tuple[float, ...]:
    """The four columns: sessions, then seconds."""
    return (*(result.sessions[kind] for kind in COLUMNS), *(result.seconds[kind] for kind in COLUMNS))


def showings(station: str, rooms: Mapping[str, Room], stood: Stood) -> Iterator[Row]:
    """Rows of `tables.SHOWING`: each session once, by the terms of the site whose its week is.

    ``rooms``: the station by the terms of each site at which it stood. Where their clocks differ, an hour of the night
    on which it went may be of no site's week or of both: then the first by its code has it, or the one of now.
    """
    if len(rooms) == 1:
        yield from (_showing(station, room, each) for room in rooms.values() for each in room.showings)
        return
    found: dict[str, Row] = {}
    for site, room in rooms.items():
        for each in room.showings:
            if stood.site(each.week) == site:
                found.setdefault(each.session, _showing(station, room, each))
    now = rooms[stood.stays[-1].site]
    for each in now.showings:
        found.setdefault(each.session, _showing(station, now, each))
    yield from found.values()


def _showing(station: str, room: Room, each: Showing) -> Row:
    ends = room.ends[each.session]
    last = ends[0] if len(ends) == 1 else max(ends, key=lambda end: (end.part, end.seq))
    told = [end.attendance for end in ends if end.attendance is not None]
    return (
        station,
        each.session,
        each.week,
        each.began.astimezone(room.zone).date().isoformat(),
        each.evidence.value,
        each.counting >= room.due.seconds and each.evidence is not Evidence.TV_OFF,
        each.counting,
        float(sum({end.part: end.shown for end in ends}.values())),
        last.origin.value,
        last.series,
        told[-1] if told else None,
    )


def stays(station: str, stood: Stood) -> list[Row]:
    """Rows of `tables.STAY`: the days of whole weeks."""
    return [
        (
            station,
            "0001-01-01" if each.first == EVER else f"{monday_of(each.first, UTC):%Y-%m-%d}",
            "9999-12-31" if each.last == STILL else f"{monday_of(each.last, UTC) + timedelta(days=6):%Y-%m-%d}",
            each.site,
        )
        for each in stood.stays
    ]


def months(stood: Mapping[str, Stood], shown: Iterable[Row], counted: Mapping[Row, Row]) -> list[Row]:
    """Rows of `tables.MONTH` from rows of `tables.SHOWING` and of `tables.ATTENDANCE`; ``stood`` by the stations."""
    sums: dict[Row, list[Row]] = {}
    for station, session, week, day, evidence, enough, counting, _, _, series, attendance in shown:
        if evidence != Evidence.TV_OFF:
            told = counted.get((station, session))
            number = attendance if told is None else told[2]
            sums.setdefault((stood[station].site(week), day[:7], series), []).append((enough, counting, number))
    return [(*key, *_sum(each)) for key, each in sums.items()]


def _sum(sessions: Sequence[Row]) -> Row:
    numbers = [number for _, _, number in sessions if number is not None]
    return (
        len(sessions),
        sum(enough for enough, _, _ in sessions),
        fsum(counting for _, counting, _ in sessions),
        sum(numbers) if numbers else None,
        len(numbers),
    )


def topic_days(stood: Mapping[str, Stood], shown: Iterable[Row], items: Collection[Row]) -> list[Row]:
    """Rows of `tables.TOPIC_DAY` from rows of `tables.SHOWING` and what `tables.items` gives; of TVs off nothing."""
    if not items:
        return []
    days = {row[:2]: (stood[row[0]].site(row[2]), row[3]) for row in shown if row[4] != Evidence.TV_OFF}
    found = ((days.get((station, session)), rest) for station, session, *rest in items)
    return _added((*day, topic, language, *each) for day, (topic, language, *each) in found if day is not None)


def topic_months(days: Iterable[Row]) -> list[Row]:
    """Rows of `tables.TOPIC_MONTH` from those of `tables.TOPIC_DAY`."""
    return _added((site, day[:7], *rest) for site, day, *rest in days)


def _added(rows: Iterable[Row]) -> list[Row]:
    """Rows of a key of four and two figures, added up by their key."""
    sums: dict[Row, tuple[int, int]] = {}
    for *key, times, milliseconds in rows:
        name = tuple(key)
        before = sums.get(name, (0, 0))
        sums[name] = before[0] + times, before[1] + milliseconds
    return [(*key, *each) for key, each in sums.items()]


def digest(place: Place) -> str:
    """What says whether a site's terms are still those by which it was reckoned."""
    terms = place.terms
    words: list[Any] = [str(terms.zone), terms.due.sessions, terms.due.seconds, terms.policy.policy, terms.policy.share]
    words += [str(terms.opened), str(terms.closed), sorted(terms.shut.items()), sorted(terms.left.items())]
    words.append(sorted(terms.stood.items()))
    return hashlib.sha256(json.dumps([*words, *place.stations]).encode()).hexdigest()


class Sums:
    """What new records of `PLAIN_KINDS` add to the figures, by the keys of their tables."""

    def __init__(self) -> None:
        self.items: dict[Row, Row] = {}
        self.bulletins: dict[Row, Row] = {}
        self.attendances: dict[Row, int] = {}

    def take(self, station: str, kind: str, received: datetime | str, raw: str) -> None:  # noqa: ARG002 (a row has it)
        """Take one record in; records of a journal come in its order."""
        record = codec.decode_record(raw.encode())
        if isinstance(record, ClipShown):
            key: Row = (station, record.session, record.content, record.language or "")
            times, shown = self.items.get(key, (0, 0))
            self.items[key] = (times if record.resumed else times + 1, shown + round(record.shown * 1000))
        elif isinstance(record, BulletinShown):
            at = instant(received) if record.trust is Trust.GUESS else record.at.astimezone(UTC)
            key = (station, record.bulletin, f"{at:%Y-%m-%d}")
            self.bulletins[key] = (self.bulletins.get(key, (0,))[0] + record.times,)
        elif isinstance(record, AttendanceCounted):
            self.attendances[station, record.session] = record.number
