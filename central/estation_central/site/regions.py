"""The region tree down to its sites, and the places without a working station."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.compliance import weeks
from estation_central.compliance.weeks import Numbers
from estation_central.registry import queries
from estation_central.registry.models import Region, Site
from estation_central.site import wording
from estation_central.site.bars import bars
from estation_central.site.page import page, part_of


@require_safe
@needs(Right.SEE)
def region(request: HttpRequest, code: str = "") -> HttpResponse:
    """One region: what lies below it with its figures, and its own sites. No code: the roots that one may see."""
    seen, allowed = scope.regions(request.user), scope.sites(request.user)
    here = get_object_or_404(seen, code=code) if code else None
    below = allowed.filter(queries.below(here)) if here else allowed
    children = list(seen.filter(parent=here) if here else _roots(seen))
    sites = allowed.filter(Q(region=here) | Q(district=here)) if here else Site.objects.none()
    fitted = Count("stations", filter=Q(stations__retired=None))
    now = datetime.now(UTC)
    standing = weeks.standings(below.filter(closed=None), now)
    listed = part_of(request, sites.annotate(fitted=fitted).order_by("kind", "code"))
    words = {
        "here": here,
        "way": _way(seen, here),
        "children": _figures(children, below, standing, now),
        "bars": bars(weeks.history(below, now)),
        "part": listed,
        "sites": [(each, standing.get(each.pk), wording.STANDING.get(standing.get(each.pk, ""))) for each in listed],
    }
    return page(request, "region.html", words)


def _roots(seen: QuerySet[Region]) -> list[Region]:
    """The regions that one may see and whose parent one may not."""
    regions = list(seen)
    known = {each.pk for each in regions}
    return [each for each in regions if each.parent_id not in known]


def _way(seen: QuerySet[Region], here: Region | None) -> list[Region]:
    ids = [int(word) for word in here.path.split("/")[:-2]] if here else []
    return sorted(seen.filter(pk__in=ids), key=lambda each: len(each.path))


def _figures(
    children: list[Region], below: QuerySet[Site], standing: Mapping[str, str], now: datetime
) -> list[dict[str, Any]]:
    """Sites, bare sites and the week below each child; each site counts in the tree, and in its school district too."""
    bare = set(queries.uncovered_sites(below, now).values_list("pk", flat=True))
    numbers: dict[int, Counter[str]] = {each.pk: Counter() for each in children}
    sites: Counter[int] = Counter()
    without: Counter[int] = Counter()
    ids = {each.pk for each in children}
    for site, path, district in below.filter(closed=None).values_list("pk", "region__path", "district__path"):
        for child in {int(word) for word in f"{path}{district or ''}".split("/") if word} & ids:
            sites[child] += 1
            without[child] += site in bare
            if site in standing:
                numbers[child][standing[site]] += 1
    return [
        {"region": each, "sites": sites[each.pk], "bare": without[each.pk], "numbers": Numbers(**numbers[each.pk])}
        for each in children
    ]


@require_safe
@needs(Right.SEE)
def coverage(request: HttpRequest) -> HttpResponse:
    """Villages and schools in which nothing works, and villages without a hall."""
    bare = queries.uncovered_sites(scope.sites(request.user), datetime.now(UTC)).select_related("region")
    villages = queries.uncovered_villages(scope.regions(request.user))
    words = {"part": part_of(request, bare), "villages": villages[:100], "more": max(villages.count() - 100, 0)}
    return page(request, "coverage.html", words)
