"""The paragraph that the network hands upward, and the year behind it: what stood where, and how its weeks went."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.compliance import figures, years
from estation_central.compliance.figures import By
from estation_central.compliance.weeks import Numbers
from estation_central.registry.models import Kind, Officer
from estation_central.site import costs
from estation_central.site.ledger import YEARS
from estation_central.site.page import page, part_of
from estation_central.stations.models import Station


@require_safe
@needs(Right.SEE)
def paragraph(request: HttpRequest, year: int) -> HttpResponse:
    """A year of the network in its own words, of the sites that one may see; each figure leads to the row behind it."""
    _refuse_far(year)
    begin, end = date(year, 1, 1), date(year, 12, 31)
    sites = scope.sites(request.user)
    shown = {each.key: each for each in figures.sessions(By.KIND, begin, end, sites=sites)}
    standing = _standing(request)
    by_kind = {each["kind"]: each for each in standing}
    weeks = sum(years.by_site(year, sites).values(), start=Numbers())
    words = {
        "year": year,
        "kinds": [(kind, by_kind[kind], shown.get(kind.value)) for kind in (Kind.VILLAGE, Kind.SCHOOL)],
        "stations": _every(standing)["stations"],
        "weeks": weeks,
        "percent": years.percent(weeks),
        "bulletins": sum(each.times for each in figures.bulletins(begin, end, sites)),
        "officers": Officer.objects.filter(site__in=sites.filter(closed=None).order_by().values("pk")).count(),
        "costs": costs.of_year(request.user, year),
        "by_kind": _sums_at("kind", begin, end),
        "by_bulletin": _sums_at("bulletin", begin, end),
    }
    return page(request, "paragraph.html", words)


@require_safe
@needs(Right.SEE)
def year_weeks(request: HttpRequest, year: int, code: str = "") -> HttpResponse:
    """The weeks of a year by county, and what stands in the network; ``code``: those of one region, by site."""
    _refuse_far(year)
    sites = scope.sites(request.user)
    if not code:
        counted, standing = years.by_site(year, sites), _standing(request)
        counties = [(each, years.percent(each.numbers)) for each in years.by_county(counted, sites)]
        words = {"year": year, "counties": counties, "standing": standing, "every": _every(standing)}
        return page(request, "year_weeks.html", words | _totals(counted))
    here = get_object_or_404(scope.regions(request.user), code=code)
    below = sites.filter(region__path__startswith=here.path)
    counted = years.by_site(year, below)
    part = part_of(request, below.order_by("code"))
    told = [(each, counted.get(each.pk, Numbers())) for each in part]
    rows = [(each, numbers, years.percent(numbers)) for each, numbers in told]
    words = {"year": year, "here": here, "part": part, "sites": rows}
    return page(request, "year_sites.html", words | _totals(counted))


def _refuse_far(year: int) -> None:
    if not YEARS[0] <= year <= YEARS[1]:
        raise Http404


def _totals(counted: dict[str, Numbers]) -> dict[str, Any]:
    total = sum(counted.values(), start=Numbers())
    return {"total": total, "percent": years.percent(total)}


def _standing(request: HttpRequest) -> list[dict[str, Any]]:
    """Sites and stations of each kind that are part of the network now."""
    sites = scope.sites(request.user)
    open_now = sites.filter(closed=None).order_by().values_list("kind").annotate(count=Count("code"))
    stations = Station.objects.filter(site__in=sites.order_by().values("code"), retired=None).order_by()
    there, fitted = dict(open_now), dict(stations.values_list("site__kind").annotate(count=Count("name")))
    return [{"kind": kind, "sites": there.get(kind.value, 0), "stations": fitted.get(kind.value, 0)} for kind in Kind]


def _every(standing: list[dict[str, Any]]) -> dict[str, int]:
    return {word: sum(each[word] for each in standing) for word in ("sites", "stations")}


def _sums_at(by: str, begin: date, end: date) -> str:
    return f"{reverse('sums')}?{urlencode({'by': by, 'begin': begin, 'end': end})}"
