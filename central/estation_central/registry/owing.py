"""What a station's site owes in a week: by the site at which it stood then, with the weeks that the registry closes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from estation_central.registry.models import Placement, Site
from estation_central.registry.queries import hours_of
from estation_central.registry.standing import Placed, stood
from estation_central.stations.models import Station
from estation_central.stations.queries import Asked
from estation_central.stations.reopening import Owed
from estation_wire.counts import Due, week_of
from estation_wire.hours import Hours


def this_week(station: Station, now: datetime) -> str:
    """The ISO week that it is at the station."""
    return week_of(now, ZoneInfo(station.timezone))


def site_in(station: Station, week: str) -> Site:
    """The site whose the station's week is."""
    rows = list(Placement.objects.filter(station=station).select_related("site__calendar").order_by("id"))
    now: Site = station.site
    if not rows or rows[-1].site_id != now.pk:  # written past the history
        return now
    sites = {row.site_id: row.site for row in rows}
    history = [Placed(row.site_id, ZoneInfo(row.site.timezone), row.began) for row in rows]
    found: Site = sites[stood(history).site(week)]
    return found


def owing(station: Station, site: Site, week: str) -> Asked:
    """What is asked of a week of a station that is ``site``'s."""
    return _asked(station, site, week, hours_of([site])[site.pk])


def owing_now(stations: Iterable[Station], now: datetime) -> list[Asked]:
    """What is asked of the week that it is at each of ``stations``: where they stand now."""
    known = list(stations)
    hours = hours_of({each.site.pk: each.site for each in known}.values())
    return [_asked(each, each.site, this_week(each, now), hours[each.site.pk]) for each in known]


def _asked(station: Station, site: Site, week: str, hours: Hours) -> Asked:
    due = Due(sessions=site.minimum_sessions, seconds=float(site.minimum_seconds))
    closed = frozenset() if hours.closed(week) is None else frozenset({week})
    return Asked(station.name, week, ZoneInfo(site.timezone), Owed(due, closed))
