"""Asks what was reckoned of sites' weeks, for the pages: querysets of the sites that one may see in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from msgspec import Struct

from estation_central.compliance import visits
from estation_central.compliance.models import Showing, SiteVerdict, StationStay
from estation_central.compliance.rooms import Cause, Lost
from estation_central.compliance.sites import iso_week
from estation_central.compliance.visits import Past, Visit
from estation_central.registry.models import Site
from estation_central.stations.models import Station
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


class RoomSum(Struct, frozen=True, kw_only=True):
    """One room's sessions of a week; ``enough``: those long enough that can fulfil the minimum."""

    station: str
    sessions: int = 0
    enough: int = 0
    seconds: float = 0.0


BARS: Final = 26  # weeks of a row of bars: half a year


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
    return Numbers(**Counter(standings(sites, now).values()))


def met_stations(stations: QuerySet[Station], now: datetime) -> int:
    """How many of ``stations`` have shown by themselves what their sites owe in the week that it is there."""
    found = 0
    for zone, due in Site.objects.order_by().values_list("timezone", "minimum_sessions").distinct():
        week = week_of(now, ZoneInfo(zone))
        monday = monday_of(week, UTC)
        days = f"{monday:%Y-%m-%d}", f"{monday + timedelta(days=6):%Y-%m-%d}"
        shown = Showing.objects.filter(day__range=days, week=week, enough=True).order_by().values("station")
        enough = shown.annotate(count=Count("*")).filter(count__gte=due).values("station")
        found += stations.filter(site__timezone=zone, site__minimum_sessions=due, name__in=enough).count()
    return found


def standings(sites: QuerySet[Site], now: datetime) -> dict[str, str]:
    """The same of each site, by its code: a name of `Numbers`; those that were not reckoned yet are left out."""
    by_zone = running(sites, now)
    rows = _of(sites, set(by_zone.values())).values_list("site", "zone", "week", "verdict", "cause")
    return {site: standing(verdict, cause) for site, zone, week, verdict, cause in rows if by_zone.get(zone) == week}


def _of(sites: QuerySet[Site], weeks: set[str]) -> QuerySet[SiteVerdict]:
    zone = Subquery(Site.objects.filter(code=OuterRef("site")).values("timezone")[:1])
    found = SiteVerdict.objects.filter(week__in=weeks, site__in=sites.order_by().values("code"))
    return found.annotate(zone=zone)


def history(sites: QuerySet[Site], now: datetime) -> list[tuple[str, Numbers]]:
    """How ``sites`` stood in each of the last `BARS` weeks, the oldest first; the running week is the last."""
    by_zone = running(sites, now)
    if not by_zone:
        return []
    newest = max(by_zone.values())
    names = [iso_week(monday_of(newest, UTC).date() - timedelta(weeks=back)) for back in reversed(range(BARS))]
    found = dict.fromkeys(names, Numbers())
    here = Coalesce(
        "site", Value("")
    )  # no plain column: SQLite would seek each site instead of reading the weeks' index
    ours = SiteVerdict.objects.annotate(here=here).filter(
        week__range=(names[0], newest), here__in=sites.order_by().values("code")
    )
    for week, verdict, cause, count in ours.values_list("week", "verdict", "cause").annotate(count=Count("*")):
        found[week] += Numbers(**{standing(verdict, cause): count})
    return list(found.items())


def of_site(site: Site, newest: str, back: int) -> list[SiteVerdict]:
    """The rows of a site of the last ``back`` weeks up to ``newest``, the oldest first."""
    first = iso_week(monday_of(newest, UTC).date() - timedelta(weeks=back - 1))
    return list(SiteVerdict.objects.filter(site=site.pk, week__range=(first, newest)).order_by("week"))


def of_station(station: Station, newest: str, back: int) -> list[tuple[str, str]]:
    """How a station itself stood in each of the last ``back`` weeks of which anything is known, the oldest first.

    Met: it showed what its site owes; what is due and what is silent is its site's, of the one where it stood then.
    """
    first = monday_of(newest, UTC) - timedelta(weeks=back - 1)
    stays = StationStay.objects.filter(station=station.name, last_day__gte=f"{first:%Y-%m-%d}")
    minima = dict(Site.objects.filter(code__in=stays.values("site")).values_list("code", "minimum_sessions"))
    spans = [(each.site, _week(each.first_day), _week(each.last_day)) for each in stays.order_by("first_day")]
    ours = [Q(site=site, week__range=(max(begins, iso_week(first)), min(ends, newest))) for site, begins, ends in spans]
    if not ours:
        return []
    rows = list(SiteVerdict.objects.filter(reduce(or_, ours)).order_by("week"))
    shown = Showing.objects.filter(station=station.name, week__in=[each.week for each in rows]).order_by()
    enough = dict(shown.values_list("week").annotate(count=Count("session", filter=Q(enough=True))))
    return [(each.week, _of_station(each, enough.get(each.week), minima[each.site])) for each in rows]


def _week(day: str) -> str:
    return iso_week(date.fromisoformat(day))


def _of_station(row: SiteVerdict, enough: int | None, due: int) -> str:
    if enough is not None and enough >= due:
        return "met"
    told = standing(row.verdict, row.cause)
    return "behind" if (enough is not None and told == "silent") or told == "met" else told


def week_of_site(site: Site, week: str) -> SiteVerdict | None:
    """One week of a site, if it was reckoned."""
    return SiteVerdict.objects.filter(site=site.pk, week=week).first()


def rooms(site: Site, week: str) -> list[RoomSum]:
    """What each station that was the site's in a week showed in it; those that showed nothing stand there too."""
    monday = f"{monday_of(week, UTC):%Y-%m-%d}"
    stood = StationStay.objects.filter(site=site.pk, first_day__lte=monday, last_day__gte=monday)
    new = Station.objects.filter(~Exists(StationStay.objects.filter(station=OuterRef("name"))), site=site)
    names = [*stood.values_list("station", flat=True), *new.values_list("name", flat=True)]
    found = {name: RoomSum(station=name) for name in names}
    shown = Showing.objects.filter(station__in=found, week=week).order_by("day", "session")
    for each in shown:
        before = found[each.station]
        found[each.station] = RoomSum(
            station=each.station,
            sessions=before.sessions + 1,
            enough=before.enough + each.enough,
            seconds=before.seconds + each.counting,
        )
    return sorted(found.values(), key=lambda each: each.station)


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
    finished = iso_week(monday_of(newest, UTC).date() - timedelta(weeks=1))
    well = (
        ours.filter(verdict=Verdict.MET, week__gte=finished).order_by().values("site")
    )  # most: they are not looked at
    ours = ours.exclude(site__in=well)
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
