"""Asks what was reckoned of sites' weeks, for the pages: querysets of the sites that one may see in, values out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from msgspec import Struct

from estation_central.compliance import visits
from estation_central.compliance.models import SiteVerdict
from estation_central.compliance.rooms import Cause, Lost
from estation_central.compliance.sites import iso_week
from estation_central.compliance.visits import Past, Visit
from estation_central.registry.models import Site
from estation_central.stations.reopening import monday_of
from estation_wire.counts import Verdict, week_of


class Numbers(Struct, frozen=True, kw_only=True):
    """How the sites of a week stand. ``behind``: told something and not met; ``silent``: told nothing of this week."""

    met: int = 0
    behind: int = 0
    silent: int = 0
    not_due: int = 0

    @property
    def due(self) -> int:
        """Sites that owe this week."""
        return self.met + self.behind + self.silent

    @property
    def all(self) -> int:
        """Sites that were reckoned."""
        return self.due + self.not_due

    @property
    def until_silent(self) -> int:
        """Where a bar's last part begins."""
        return self.met + self.behind

    def __add__(self, other: Numbers) -> Numbers:
        return Numbers(
            met=self.met + other.met,
            behind=self.behind + other.behind,
            silent=self.silent + other.silent,
            not_due=self.not_due + other.not_due,
        )


def standing(verdict: str, cause: str) -> str:
    """Which of `Numbers` a row of `SiteVerdict` is counted in."""
    if verdict == Verdict.MET:
        return "met"
    if verdict == Verdict.NOT_DUE:
        return "not_due"
    return "silent" if cause == Cause.SILENT else "behind"


def running(sites: QuerySet[Site], now: datetime) -> dict[str, str]:
    """The week that it is at ``now``, by time zone of ``sites``."""
    zones = sites.order_by().values_list("timezone", flat=True).distinct()
    return {zone: week_of(now, ZoneInfo(zone)) for zone in zones}


def numbers(sites: QuerySet[Site], now: datetime) -> Numbers:
    """How ``sites`` stand in the week that it is at each of them."""
    by_zone = running(sites, now)
    rows = _of(sites, set(by_zone.values())).values_list("zone", "week", "verdict", "cause").annotate(count=Count("*"))
    total = Numbers()
    for zone, week, verdict, cause, count in rows:
        if by_zone.get(zone) == week:
            total += Numbers(**{standing(verdict, cause): count})
    return total


def standings(sites: QuerySet[Site], now: datetime) -> dict[str, Numbers]:
    """The same of each site, by its code; those that were not reckoned yet are left out."""
    by_zone = running(sites, now)
    rows = _of(sites, set(by_zone.values())).values_list("site", "zone", "week", "verdict", "cause")
    return {
        site: Numbers(**{standing(verdict, cause): 1})
        for site, zone, week, verdict, cause in rows
        if by_zone.get(zone) == week
    }


def _of(sites: QuerySet[Site], weeks: set[str]) -> QuerySet[SiteVerdict]:
    zone = Subquery(Site.objects.filter(code=OuterRef("site")).values("timezone")[:1])
    found = SiteVerdict.objects.filter(week__in=weeks, site__in=sites.order_by().values("code"))
    return found.annotate(zone=zone)


def best_visits(sites: QuerySet[Site], now: datetime) -> list[Visit]:
    """The visits to ``sites`` that help most."""
    by_zone = running(sites, now)
    if not by_zone:
        return []
    newest = min(by_zone.values())  # where the zones differ, the week after it has only begun
    return visits.best(found for found in _needed(sites, newest) if found is not None)


def _needed(sites: QuerySet[Site], newest: str) -> Iterator[Visit | None]:
    first = iso_week(monday_of(newest, UTC).date() - timedelta(weeks=visits.LOOK_BACK))
    ours = SiteVerdict.objects.filter(site__in=sites.filter(closed=None).order_by().values("code"), week__gte=first)
    met = dict(ours.filter(verdict=Verdict.MET).order_by().values_list("site").annotate(newest=Max("week")))
    columns = ("site", "week", "verdict", "cause", "lost", "rooms")
    rows = ours.exclude(verdict=Verdict.MET).order_by("site", "-week").values_list(*columns)
    after = (row for row in rows.iterator(chunk_size=5000) if row[1] > met.get(row[0], ""))
    for site, of_site in groupby(after, key=lambda row: row[0]):
        told = list(of_site)
        yield visits.visit(site, told[0][5], (_past(row) for row in told), newest)


def _past(row: tuple[Any, ...]) -> Past:
    _, week, verdict, cause, lost, _ = row
    return Past(week, Verdict(verdict), Cause(cause) if cause else None, Lost(lost) if lost else None)
