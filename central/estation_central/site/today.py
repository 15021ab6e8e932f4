"""Today: three numbers of the running week, the visits that help most, and the list to take along on the road."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.compliance import weeks
from estation_central.compliance.visits import LOOK_BACK, Visit
from estation_central.registry import queries
from estation_central.registry.models import Region, Site
from estation_central.site import wording
from estation_central.site.page import page
from estation_central.stations.models import Latest, Station


@require_safe
@needs(Right.SEE)
def today(request: HttpRequest, code: str = "") -> HttpResponse:
    """How the sites that one may see stand in this week; ``code``: those of one region alone."""
    return page(request, "today.html", _words(request, code))


@require_safe
@needs(Right.SEE)
def route(request: HttpRequest, code: str = "") -> HttpResponse:
    """The same visits by place, to be printed: what to take along, and room for what was found."""
    words = _words(request, code)
    words["visits"] = sorted(words["visits"], key=lambda each: (each["where"], each["site"].code))
    return page(request, "route.html", words)


def _words(request: HttpRequest, code: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    here = get_object_or_404(scope.regions(request.user), code=code) if code else None
    allowed = scope.sites(request.user).filter(closed=None)
    sites = allowed.filter(queries.below(here)) if here else allowed
    numbers = weeks.numbers(sites, now)
    return {
        "here": here,
        "now": now,
        "weeks": sorted(set(weeks.running(sites, now).values())),
        "numbers": numbers,
        "figures": [(name, getattr(numbers, name), told) for name, told in wording.STANDING.items()],
        "unreckoned": sites.count() - numbers.all,
        "visits": _told(sites, weeks.best_visits(sites, now)),
        "look_back": LOOK_BACK,
    }


def _told(sites: QuerySet[Site], found: Iterable[Visit]) -> list[dict[str, Any]]:
    """Each visit with its site, where that lies, and when anything of it was heard last."""
    wanted = {each.site: each for each in found}
    known = {site.pk: site for site in sites.filter(pk__in=wanted).select_related("region", "host")}
    regions = _above(known.values())
    stations = dict(Station.objects.filter(site__in=wanted, retired=None).values_list("name", "site_id"))
    heard: dict[str, datetime] = {}
    for name, at in Latest.objects.filter(station__in=stations).values_list("station").annotate(at=Max("heard")):
        heard[stations[name]] = max(heard.get(stations[name], at), at)
    return [
        {
            "visit": visit,
            "site": known[code],
            "where": [regions[number] for number in _path(known[code].region) if number in regions],
            "cause": wording.CAUSE[visit.cause],
            "advice": wording.ADVICE[visit.cause],
            "heard": heard[code].astimezone(ZoneInfo(known[code].timezone)) if code in heard else None,
        }
        for code, visit in wanted.items()
    ]


def _path(region: Region) -> list[int]:
    return [int(word) for word in region.path.split("/") if word]


def _above(sites: Iterable[Site]) -> dict[int, str]:
    """The names of the regions in which ``sites`` lie, by their ids: county, township and village."""
    ids = {number for site in sites for number in _path(site.region)}
    named = Region.objects.filter(pk__in=ids).exclude(level="prefecture")
    return dict(named.values_list("pk", "name"))
