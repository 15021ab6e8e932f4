"""Whether a school has met its week, told to its rooms in acks so that they drop their make-ups. Pure.

This is a hint, kept for the running week only, by every room's sessions as they come. The verdict that money hangs on
is reckoned from the records (`estation_wire.reckoning`). The hint errs to one side: a session whose first part was
dated by a guess, is dated in the future, or came a week late, is left out, and the rooms play once more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from estation_central.collector.rules import AHEAD, Key, Row
from estation_wire import codec
from estation_wire.counts import Due, Policy, SitePolicy, week_of
from estation_wire.messages import WeekMet
from estation_wire.records import SessionEnded
from estation_wire.values import Trust, Tv

REGISTER_KEPT: Final = timedelta(seconds=60)  # how long a change of the registry may go unnoticed here
REGISTER_ROOM: Final = 50_000  # stations remembered within that time; beyond it all are asked for again


class Room(NamedTuple):
    """A school's station: its site, what each room owes, and how many rooms must meet it."""

    site: str
    zone: ZoneInfo
    due: Due
    policy: SitePolicy

    def week(self, at: datetime) -> str:
        """The ISO week that it is there."""
        return week_of(at, self.zone)


class Shown(NamedTuple):
    """One part of a room's session of the running week. A later part goes with the first, where that is known."""

    station: str
    session: str
    part: int
    room: Room
    week: str
    counting: float
    off: bool


SiteWeek = tuple[str, str]
"""A site and an ISO week."""


def room_of(site: str, zone: str, due: Due, policy: str, percent: int) -> Room | None:
    """A room as the registry tells of it; None where what it tells cannot be (the station is then as any other)."""
    try:
        found = SitePolicy(policy=Policy(policy), share=percent / 100)
        return Room(site, ZoneInfo(zone), due, found)
    except (ValueError, OSError, ZoneInfoNotFoundError):  # no such policy, no such zone
        return None


class Register:
    """Which stations are rooms of a school, remembered for a while so that a round seldom has to ask."""

    def __init__(self) -> None:
        self._known: dict[str, Room | None] = {}
        self._until: datetime | None = None

    def rooms(
        self, stations: Collection[str], at: datetime, read: Callable[[list[str]], Mapping[str, Room]]
    ) -> dict[str, Room]:
        """The rooms among ``stations``; asks ``read`` for those that are not remembered."""
        if self._until is None or at >= self._until or len(self._known) > REGISTER_ROOM:
            self._known.clear()
            self._until = at + REGISTER_KEPT
        unknown = sorted({station for station in stations if station not in self._known})
        if unknown:
            found = read(unknown)
            self._known.update((station, found.get(station)) for station in unknown)
        return {station: room for station in stations if (room := self._known[station]) is not None}


def shown(rows: Iterable[tuple[Key, Row]], rooms: Mapping[str, Room], at: datetime) -> list[Shown]:
    """What of a round's records may make a school's running week met."""
    told = []
    for key, row in rows:
        room = rooms.get(key.station)
        if room is None or row.kind != "session.ended" or not row.understood:
            continue
        ended = codec.decode_record(row.raw.encode())
        if isinstance(ended, SessionEnded) and (ended.part > 1 or _of_this_week(ended, room, at)):
            off = ended.tv is Tv.OFF
            told.append(Shown(key.station, ended.session, ended.part, room, room.week(at), ended.counting, off))
    return told


def _of_this_week(ended: SessionEnded, room: Room, at: datetime) -> bool:
    known = ended.trust is not Trust.GUESS and ended.began <= at + AHEAD
    return known and room.week(ended.began) == room.week(at)


def told(room: Room, at: datetime, met: Collection[SiteWeek]) -> WeekMet:
    """What an ack says to a room."""
    week = room.week(at)
    return WeekMet(week=week, met=(room.site, week) in met)
