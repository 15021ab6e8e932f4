"""What the collector reads and writes of schools: the registry, the running week's sessions, and which week is met."""
# ruff: noqa: S608 (what is put into the text are signs for parameters)

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from estation_central.collector.schools import Room, Shown, SiteWeek, room_of
from estation_wire.counts import Due, Policy

_ROOMS: Final = """
SELECT station.name, site.code, timezone, minimum_sessions, minimum_seconds, policy, share_percent
FROM station JOIN site ON site.code = station.site WHERE kind = 'school' AND station.name IN """
_MET: Final = "SELECT site, week FROM site_week WHERE met_since IS NOT NULL AND site IN "
_LOCK: Final = """
INSERT INTO site_week (site, week, met_since) VALUES (%s, %s, NULL)
ON CONFLICT (site, week) DO UPDATE SET week = excluded.week"""
_FULLER: Final = """
ON CONFLICT (station, session, part) DO UPDATE SET counting = excluded.counting, tv_off = excluded.tv_off
WHERE excluded.counting > school_session.counting"""
_FIRST: Final = f"""
INSERT INTO school_session (station, session, part, counting, tv_off, site, week)
VALUES (%s, %s, %s, %s, %s, %s, %s) {_FULLER}"""
_LATER: Final = f"""
INSERT INTO school_session (station, session, part, counting, tv_off, site, week)
SELECT station, session, %s, %s, %s, site, week FROM school_session
WHERE station = %s AND session = %s AND part = 1 {_FULLER}"""
_GOOD_ROOMS: Final = """
SELECT count(*) FROM (
  SELECT station FROM (
    SELECT station, session FROM school_session WHERE site = %s AND week = %s GROUP BY station, session
    HAVING sum(counting) >= %s AND max(CASE WHEN tv_off THEN 1 ELSE 0 END) = 0) AS good
  GROUP BY station HAVING count(*) >= %s) AS rooms"""
_ALL_ROOMS: Final = "SELECT count(*) FROM station WHERE site = %s AND retired IS NULL"
_SET: Final = "UPDATE site_week SET met_since = COALESCE(met_since, %s) WHERE site = %s AND week = %s"
_UNSET: Final = "UPDATE site_week SET met_since = NULL WHERE site = %s AND week = %s"
_FORGET: Final = (
    "DELETE FROM school_session WHERE site = %s AND week < %s",
    "DELETE FROM site_week WHERE site = %s AND week < %s",
)

Run = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


class SchoolTables:
    """Schools, in the transaction whose statements ``run`` runs."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def rooms(self, stations: Collection[str]) -> Mapping[str, Room]:
        """See `Schools.rooms`."""
        rows = self._run(_ROOMS + _signs(stations), list(stations))
        return {
            name: room
            for name, site, zone, sessions, seconds, policy, percent in rows
            if (room := room_of(site, zone, Due(sessions=sessions, seconds=float(seconds)), policy, percent))
        }

    def book(self, parts: Sequence[Shown], at: datetime) -> None:
        """See `Schools.book`."""
        weeks = {(part.room.site, part.week): part.room for part in parts}
        for site_week in sorted(
            weeks
        ):  # locked in order until the end: two collectors must not miss each other's rooms
            self._run(_LOCK, site_week)
        for part in parts:
            values = part.part, part.counting, part.off
            if part.part == 1:
                self._run(_FIRST, (part.station, part.session, *values, part.room.site, part.week))
            else:
                self._run(_LATER, (*values, part.station, part.session))
        for site_week, room in sorted(weeks.items()):
            met = self._good(site_week, room) >= room.policy.needed(self._all(room))
            self._run(*(_SET, (at, *site_week)) if met else (_UNSET, site_week))
            for statement in _FORGET:
                self._run(statement, site_week)

    def met(self, sites: Collection[str]) -> frozenset[SiteWeek]:
        """See `Schools.met`."""
        rows = self._run(_MET + _signs(sites), sorted(sites))
        return frozenset((site, week) for site, week in rows)

    def _good(self, site_week: SiteWeek, room: Room) -> int:
        ((count,),) = self._run(_GOOD_ROOMS, (*site_week, room.due.seconds, room.due.sessions))
        return int(count)

    def _all(self, room: Room) -> int:
        if room.policy.policy is Policy.ANY_ROOM:
            return 1
        ((count,),) = self._run(_ALL_ROOMS, (room.site,))
        return int(count)


def _signs(values: Collection[str]) -> str:
    return f"({', '.join(['%s'] * len(values))})"
