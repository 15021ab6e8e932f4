"""What the registry says of every site, as the reckoning wants it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from estation_central.compliance.sites import Place, Terms, iso_week
from estation_central.registry.models import ClosedWeek, Site
from estation_central.stations.models import Station
from estation_wire.counts import Due, Policy, SitePolicy


def places(codes: Collection[str] | None = None) -> list[Place]:
    """Every site with its stations, or those of ``codes``, by their code."""
    chosen = Site.objects.order_by("code") if codes is None else Site.objects.filter(code__in=codes).order_by("code")
    shut = _shut(codes)
    stations: dict[str, list[tuple[str, date | None]]] = {}
    for site, name, retired in Station.objects.order_by("name").values_list("site", "name", "retired"):
        stations.setdefault(site, []).append((name, retired))
    return [_place(site, stations.get(str(site.code), []), shut) for site in chosen]


def _place(site: Any, stations: list[tuple[str, date | None]], shut: dict[str, dict[str, str]]) -> Place:
    closed = {**shut.get(f"calendar {site.calendar_id}", {}), **shut.get(f"site {site.code}", {})}
    policy = SitePolicy(policy=Policy(site.policy), share=site.share_percent / 100)
    terms = Terms(
        site=site.code,
        zone=ZoneInfo(site.timezone),
        due=Due(sessions=site.minimum_sessions, seconds=float(site.minimum_seconds)),
        policy=policy,
        opened=site.opened,
        closed=site.closed,
        shut=closed,
        left={name: iso_week(retired) for name, retired in stations if retired},
    )
    return Place(terms=terms, stations=tuple(name for name, _ in stations))


def _shut(codes: Collection[str] | None) -> dict[str, dict[str, str]]:
    """Closed weeks, each with its reason, by whose they are."""
    rows = ClosedWeek.objects.all()
    if codes is not None:
        rows = rows.filter(Q(site__in=codes) | Q(site=None))
    found: dict[str, dict[str, str]] = {}
    for site, calendar, week, reason in rows.values_list("site", "calendar", "week", "reason"):
        found.setdefault(f"site {site}" if site else f"calendar {calendar}", {})[week] = reason
    return found
