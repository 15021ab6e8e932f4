"""Asks the registry: values and querysets out, no pages in here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from estation_central.registry.models import ClosedWeek, Kind, Level, Region, Site
from estation_central.stations.models import JournalRecord, Latest, Station
from estation_wire.hours import Calendar, Hours

WORKED_WITHIN: Final = timedelta(days=30)  # a site without a network reports by a technician's monthly stick


def working_stations(now: datetime) -> QuerySet[Station]:
    """Stations that are not given up, and of which anything came within `WORKED_WITHIN`, by network or by stick."""
    since = now - WORKED_WITHIN
    heard = Latest.objects.filter(station=OuterRef("name"), heard__gte=since)
    brought = JournalRecord.objects.filter(station=OuterRef("name"), kind="day", received__gte=since)
    return Station.objects.filter(Exists(heard) | Exists(brought), retired=None)


def uncovered_sites(sites: QuerySet[Site], now: datetime) -> QuerySet[Site]:
    """Village halls and schools among ``sites`` in which no station works."""
    works = Exists(working_stations(now).filter(site=OuterRef("code")))
    owing = sites.filter(closed=None, kind__in=(Kind.VILLAGE, Kind.SCHOOL))
    fitted = Count("stations", filter=Q(stations__retired=None))
    return owing.filter(~works).annotate(fitted=fitted).order_by("code")


def uncovered_villages(regions: QuerySet[Region]) -> QuerySet[Region]:
    """Administrative villages among ``regions`` that have no village hall in the network at all."""
    halls = Site.objects.filter(region=OuterRef("pk"), kind=Kind.VILLAGE, closed=None)
    return regions.filter(~Exists(halls), level=Level.VILLAGE)


def below(region: Region) -> Q:
    """What picks the sites of a region, or of a school district, and of all that lies below it."""
    return Q(region__path__startswith=region.path) | Q(district__path__startswith=region.path)


def calendar_of(site: Site) -> Calendar:
    """The site's own hours, else those of its calendar, else none."""
    words = site.hours if site.hours is not None else site.calendar.hours if site.calendar is not None else {}
    return msgspec.convert(words, Calendar)


def hours_of(sites: Iterable[Site], closed: Mapping[str, str] = MappingProxyType({})) -> dict[str, Hours]:
    """Each site's hours with its closed weeks, by its code: `Hours.closed` says why it owes nothing in a week.

    ``closed``: weeks that are closed for all of them beside their own, with the reasons. Ask for the sites with
    ``select_related("calendar")``; what they share is read once.
    """
    known = list(sites)
    by_site: dict[str, dict[str, str]] = {}
    by_calendar: dict[str, dict[str, str]] = {}
    rows = (
        ClosedWeek.objects.filter(Q(site__in=known) | Q(calendar__isnull=False))
        if len(known) < 500
        else (ClosedWeek.objects.all())
    )
    for site, calendar, week, reason in rows.values_list("site", "calendar", "week", "reason"):
        weeks = by_site.setdefault(site, {}) if site is not None else by_calendar.setdefault(calendar, {})
        weeks[week] = reason
    return {
        site.pk: Hours(
            calendar_of(site),
            ZoneInfo(site.timezone),
            {**closed, **by_calendar.get(site.calendar_id or "", {})} | by_site.get(site.pk, {}),
        )
        for site in known
    }
