"""Reads the tables for the pages and for the command: values out, no pages in here."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final, NamedTuple

import msgspec
from django.db.models import Exists, OuterRef, QuerySet
from msgspec import Struct

from estation_central.stations.changing import Received
from estation_central.stations.models import (
    Command,
    HashMismatch,
    JournalRecord,
    Latest,
    LostRange,
    Picture,
    Station,
    Watermark,
)
from estation_central.stations.reopening import Owed, Reopened, reopened
from estation_central.stations.week import StationWeek, station_week
from estation_wire import codec
from estation_wire.dating import Journalled
from estation_wire.errors import WireError
from estation_wire.messages import AnyCommand, Health, Hello, Status
from estation_wire.reckoning import KINDS
from estation_wire.records import Boot, ClipShown, Day, Record
from estation_wire.topics import Leaf
from estation_wire.values import CONTRACT_MAJOR

RECORDS_LIMIT: Final = 20_000  # of the kinds that a verdict hangs on: about ten years of one station
DAYS_LIMIT: Final = 2000  # half a year of days, and ten starts in each of them
CLIPS_LIMIT: Final = 1000
STRANGERS_LIMIT: Final = 100
ONLINE_WITHIN: Final = timedelta(minutes=15)  # health comes every 5 minutes; three were missed
AT_ONCE: Final = 500  # rows in one statement
COMMAND_LIFE: Final = timedelta(hours=24)


class Contact(Struct, frozen=True, kw_only=True):
    """What a station last said of itself."""

    heard: datetime | None = None
    said_online: bool = False
    hello: Hello | None = None
    health: Health | None = None
    region: str = ""
    firmware: str = ""
    safe: str = ""
    """The unit that failed, where the box is in safe mode."""

    def online(self, now: datetime) -> bool:
        """Whether the broker holds its connection, as far as is known, and it was heard lately."""
        return self.said_online and self.heard is not None and now - self.heard < ONLINE_WITHIN


class Days(Struct, frozen=True, kw_only=True):
    """A station's last months: seconds up, starts, bytes that its card took, the heat; its firmware, newest first."""

    days: int
    uptime: float
    starts: int
    written: int | None
    hottest: float | None
    firmwares: tuple[str, ...]


class _Connected(Struct, frozen=True):
    """Of a `Status` nothing but this: tens of thousands are read for one number."""

    online: bool


_STATUS: Final = msgspec.json.Decoder(_Connected)


class Asked(NamedTuple):
    """A week of a station, and what its site owed in it by its own clock: which site that was the registry knows."""

    station: str
    week: str
    zone: tzinfo
    owed: Owed


class Week(Struct, frozen=True, kw_only=True):
    """One week of one station, for its page."""

    asked: Asked
    verdict: StationWeek
    reopened: Reopened | None
    clips: Mapping[str, tuple[ClipShown, ...]]
    pictures: Mapping[str, str]
    """The command's id of the picture of each session."""


def contacts(stations: Iterable[str]) -> dict[str, Contact]:
    """What each of ``stations`` last said of itself; those that were never heard are left out."""
    rows: dict[str, list[Latest]] = {}
    for row in Latest.objects.filter(station__in=list(stations)):
        rows.setdefault(row.station, []).append(row)
    return {station: _contact(each) for station, each in rows.items()}


def online(stations: QuerySet[Station], now: datetime) -> int:
    """How many of ``stations`` are online, as `Contact.online` says of each."""
    heard = Latest.objects.filter(heard__gt=now - ONLINE_WITHIN).values("station")
    said = Latest.objects.filter(leaf=Leaf.STATUS.value, station__in=stations.order_by().values("name"))
    return sum(map(_said_online, said.filter(station__in=heard).values_list("payload", flat=True)))


def _said_online(payload: str) -> bool:
    try:
        return _STATUS.decode(payload).online
    except msgspec.MsgspecError:  # kept by a newer collector than these pages
        return False


def strangers() -> list[tuple[str, str]]:
    """Stations that report without being in the registry: region and name, the first `STRANGERS_LIMIT`."""
    unknown = Latest.objects.filter(~Exists(Station.objects.filter(name=OuterRef("station"))))
    return list(unknown.values_list("region", "station").distinct().order_by("station")[:STRANGERS_LIMIT])


def contact(station: str) -> Contact:
    """What ``station`` last said of itself; empty where it was never heard."""
    return _contact(Latest.objects.filter(station=station))


def _contact(rows: Iterable[Latest]) -> Contact:
    said: dict[str, Any] = {}
    heard: list[datetime] = []
    region = ""
    for row in rows:
        region = row.region
        heard += [row.heard] if row.heard else []
        if row.payload:
            try:
                said[row.leaf] = codec.decode_message(Leaf(row.leaf), row.payload.encode())
            except (WireError, ValueError):
                continue  # kept by a newer collector than these pages
    status: Status | None = said.get(Leaf.STATUS)
    return Contact(
        heard=max(heard, default=None),
        said_online=bool(status and status.online),
        hello=said.get(Leaf.HELLO),
        health=said.get(Leaf.HEALTH),
        region=region,
        firmware=status.firmware if status else "",
        safe=status.safe if status else "",
    )


def verdict(asked: Asked) -> StationWeek:
    """The verdict of one week, computed from the records."""
    return verdicts([asked])[asked.station]


def verdicts(asked: Iterable[Asked]) -> dict[str, StationWeek]:
    """The verdict of a week of each station, by its name: the page of a list asks once for all."""
    wanted = {each.station: each for each in asked}
    received = _received(wanted)
    return {name: _verdict(each, received[name]) for name, each in wanted.items()}


def _verdict(asked: Asked, received: Iterable[Received]) -> StationWeek:
    return station_week(asked.week, (each.record for each in received), asked.zone, *asked.owed)


def week_page(asked: Asked) -> Week:
    """Everything that the page of one week shows."""
    station = asked.station
    received = _received([station])[station]
    found = _verdict(asked, received)
    sessions = {each.session for each in found.sessions}
    pictures = Picture.objects.filter(station=station, session__in=sessions).order_by("received")
    return Week(
        asked=asked,
        verdict=found,
        reopened=reopened(asked.week, received, asked.zone, *asked.owed),
        clips=_clips(station, found, sessions),
        pictures={each.session: each.command for each in pictures},
    )


def _received(stations: Iterable[str]) -> dict[str, list[Received]]:
    """The newest records of each, `RECORDS_LIMIT` at most, of the kinds that a verdict hangs on."""
    found: dict[str, list[Received]] = {station: [] for station in stations}
    rows = JournalRecord.objects.filter(station__in=found, kind__in=(*KINDS, "place.chosen"), understood=True)
    newest = rows.order_by("-received", "-seq").values_list("station", "received", "journal", "raw")
    for station, at, journal, raw in newest[: RECORDS_LIMIT * len(found)]:
        if len(found[station]) < RECORDS_LIMIT:
            found[station].append(Received(at, Journalled(journal, codec.decode_record(raw.encode()))))
    return found


def _clips(station: str, found: StationWeek, sessions: set[str]) -> dict[str, tuple[ClipShown, ...]]:
    """Clips stand in the journal just before the end of their session."""
    clips: dict[str, list[ClipShown]] = {}
    for end in found.ends.values():
        if end.session not in sessions:
            continue
        rows = JournalRecord.objects.filter(
            station=station,
            kind="clip.shown",
            understood=True,
            seq__range=(end.seq - CLIPS_LIMIT, end.seq),
            raw__contains=end.session,
        )
        for record in _decoded(rows.order_by("seq").values_list("raw", flat=True)[:CLIPS_LIMIT]):
            if isinstance(record, ClipShown) and record.session == end.session:
                clips.setdefault(end.session, []).append(record)
    return {session: tuple(each) for session, each in clips.items()}


def _decoded(raws: Iterable[str]) -> list[Record]:
    return [codec.decode_record(raw.encode()) for raw in raws]


def order(station: str, kind: type[AnyCommand], now: datetime, **words: Any) -> str:
    """Make a command for a station; the collector sends it within a second, or after the next hello. Its id.

    Raises `WireError` where ``words`` are not what such a command may hold.
    """
    name = secrets.token_hex(16)
    body = kind(v=CONTRACT_MAJOR, id=name, issued=now, expires=now + COMMAND_LIFE, **words)
    encoded = codec.encode(body)
    codec.decode_message(Leaf.COMMAND, encoded)
    Command.objects.create(
        id=name,
        station=station,
        body=encoded.decode(),
        not_before=now,
        expires=body.expires,
    )
    return name


def order_all(
    stations: Iterable[str], kind: type[AnyCommand], now: datetime, expires: datetime, **words: Any
) -> list[tuple[str, str]]:
    """The same command for many stations, kept for each until ``expires``: station and id. As `order`."""
    made: list[Command] = []
    for station in stations:
        name = secrets.token_hex(16)
        body = codec.encode(kind(v=CONTRACT_MAJOR, id=name, issued=now, expires=expires, **words))
        if not made:
            codec.decode_message(Leaf.COMMAND, body)
        made.append(Command(id=name, station=station, body=body.decode(), not_before=now, expires=expires))
    Command.objects.bulk_create(made, batch_size=AT_ONCE)
    return [(each.station, each.id) for each in made]


def days(station: str, since: datetime) -> Days:
    """What the newest records of its days and starts come to, those that were received from ``since`` on."""
    rows = JournalRecord.objects.filter(station=station, kind__in=("day", "boot"), understood=True, received__gte=since)
    found = _decoded(rows.order_by("-received", "-seq").values_list("raw", flat=True)[:DAYS_LIMIT])
    told = [each for each in found if isinstance(each, Day)]
    wrote = [each.card_written_bytes for each in told if each.card_written_bytes is not None]
    warm = [each.hottest_celsius for each in told if each.hottest_celsius is not None]
    return Days(
        days=len(told),
        uptime=sum(each.uptime for each in told),
        starts=sum(isinstance(each, Boot) for each in found),
        written=sum(wrote) if wrote else None,
        hottest=max(warm, default=None),
        firmwares=tuple(dict.fromkeys(each.firmware for each in found if isinstance(each, Boot))),
    )


def newest_picture(station: str) -> Picture | None:
    """The newest picture that was asked for by hand."""
    return Picture.objects.filter(station=station, session="").order_by("-received").first()


def lost_ranges(station: str) -> list[LostRange]:
    """Ranges of records that will never come, newest first."""
    return list(LostRange.objects.filter(station=station).order_by("-booked")[:20])


def mismatches(station: str) -> list[HashMismatch]:
    """Journals of which two differing copies report."""
    return list(HashMismatch.objects.filter(station=station).order_by("-last_seen")[:20])


def stored_records(station: str) -> int:
    """How many records of the station the centre has."""
    reached: int = sum(Watermark.objects.filter(station=station).values_list("watermark", flat=True))
    lost = LostRange.objects.filter(station=station).values_list("first_seq", "last_seq")
    gone: int = sum(last - first + 1 for first, last in lost)
    return reached - gone
