"""A year's weeks of sites, counted: the evidence behind the yearly report. Querysets of sites in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from estation_central.compliance.models import SiteVerdict
from estation_central.compliance.rooms import Cause
from estation_central.compliance.weeks import Numbers
from estation_central.registry.models import Level, Region, Site
from estation_wire.counts import Verdict


class County(NamedTuple):
    """The weeks of a county's sites; of what lies in no county, those of the region in which it lies."""

    code: str
    name: str
    numbers: Numbers


class _Region(NamedTuple):
    code: str
    name: str
    level: str


def by_site(year: int, sites: QuerySet[Site]) -> dict[str, Numbers]:
    """The reckoned weeks of an ISO year of each site, by its code; sites of which none was reckoned are left out."""
    silent, missed = Q(cause=Cause.SILENT.value), Q(verdict=Verdict.NOT_MET.value)
    rows = SiteVerdict.objects.filter(
        site__in=sites.order_by().values("code"), week__range=(f"{year}-W01", f"{year}-W53")
    )
    counted = rows.order_by("site").values_list("site")
    return {
        site: Numbers(met=met, behind=behind, silent=quiet, not_due=free)
        for site, met, behind, quiet, free in counted.annotate(
            met=Count("week", filter=Q(verdict=Verdict.MET.value)),
            behind=Count("week", filter=missed & ~silent),
            quiet=Count("week", filter=missed & silent),
            free=Count("week", filter=Q(verdict=Verdict.NOT_DUE.value)),
        )
    }


def by_county(counted: Mapping[str, Numbers], sites: QuerySet[Site]) -> list[County]:
    """What `by_site` counted of ``sites``, added up by county, in the order of their codes."""
    rows = Region.objects.values_list("path", "code", "name", "level")
    regions = {path: _Region(code, name, level) for path, code, name, level in rows}
    found: dict[str, Numbers] = {}
    for site, path in sites.order_by().values_list("code", "region__path"):
        if site in counted:
            county = _county(path, regions)
            found[county] = found.get(county, Numbers()) + counted[site]
    return sorted(County(regions[path].code, regions[path].name, each) for path, each in found.items())


def _county(path: str, regions: Mapping[str, _Region]) -> str:
    """The path of the county in which a region lies."""
    ids = path.split("/")[:-1]
    ways = ["/".join([*ids[:depth], ""]) for depth in range(1, len(ids) + 1)]
    return next((each for each in ways if regions[each].level == Level.COUNTY), ways[-1])


def percent(numbers: Numbers) -> float | None:
    """How many of the weeks that were due were met, in per cent with one place; None where none was due."""
    return round(100 * numbers.met / numbers.due, 1) if numbers.due else None
