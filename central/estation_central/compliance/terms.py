"""What the registry says of every site, as the reckoning wants it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from estation_central.compliance.sites import MAX_WEEKS, Place, Terms, iso_week
from estation_central.registry.models import ClosedWeek, Site
from estation_central.registry.queries import hours_of
from estation_central.stations.models import Station
from estation_wire.counts import Due, Policy, SitePolicy
from estation_wire.hours import Hours

UNOPENED: Final = timedelta(days=3 * 365)  # how far back calendars are asked where no site says when it was opened


def places(now: datetime) -> list[Place]:
    """Every site with its stations, by its code, with the weeks up to ``now`` in which it owes nothing."""
    sites = list(Site.objects.select_related("calendar").order_by("code"))
    hours = hours_of(sites)
    weeks = _weeks([site.opened for site in sites if site.opened], now)
    own = set(ClosedWeek.objects.filter(site__isnull=False).values_list("site", flat=True))
    stations: dict[str, list[tuple[str, date | None]]] = {}
    for site, name, retired in Station.objects.order_by("name").values_list("site", "name", "retired"):
        stations.setdefault(site, []).append((name, retired))
    shut: dict[tuple[str, str], dict[str, str]] = {}  # most sites share a calendar's
    found = []
    for each in sites:
        key = each.calendar_id or "", each.pk if each.hours is not None or each.pk in own else ""
        if key not in shut:
            shut[key] = _shut(hours[each.pk], weeks)
        found.append(_place(each, stations.get(each.pk, []), shut[key]))
    return found


def _place(site: Any, stations: Sequence[tuple[str, date | None]], shut: dict[str, str]) -> Place:
    terms = Terms(
        site=site.code,
        zone=ZoneInfo(site.timezone),
        due=Due(sessions=site.minimum_sessions, seconds=float(site.minimum_seconds)),
        policy=SitePolicy(policy=Policy(site.policy), share=site.share_percent / 100),
        opened=site.opened,
        closed=site.closed,
        shut=shut,
        left={name: iso_week(retired) for name, retired in stations if retired},
    )
    return Place(terms=terms, stations=tuple(name for name, _ in stations))


def _weeks(opened: Sequence[date], now: datetime) -> list[str]:
    """The ISO weeks that calendars are asked about, the one after ``now`` included: somewhere it may be Monday."""
    last = now.date() + timedelta(days=1)
    first = max(min(opened, default=last - UNOPENED), last - timedelta(weeks=MAX_WEEKS))
    return [iso_week(first + timedelta(weeks=number)) for number in range((last - first).days // 7 + 2)]


def _shut(hours: Hours, weeks: Sequence[str]) -> dict[str, str]:
    return {week: reason for week in weeks if (reason := hours.closed(week)) is not None}
