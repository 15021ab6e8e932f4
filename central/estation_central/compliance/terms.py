"""What the registry says of every site, as the reckoning wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from estation_central.compliance.sites import MAX_WEEKS, Place, Terms, iso_week
from estation_central.registry.models import ClosedWeek, Placement, Site
from estation_central.registry.queries import hours_of
from estation_central.registry.standing import EVER, Placed, Stood, stood
from estation_central.stations.models import Station
from estation_wire.counts import Due, Policy, SitePolicy
from estation_wire.hours import Hours

UNOPENED: Final = timedelta(days=3 * 365)  # how far back calendars are asked where no site says when it was opened


class Known(NamedTuple):
    """A station that stands at a site, or stood there."""

    name: str
    retired: date | None
    stood: Stood


def places(now: datetime) -> list[Place]:
    """Every site with its stations, by its code, with the weeks up to ``now`` in which it owes nothing."""
    sites = list(Site.objects.select_related("calendar").order_by("code"))
    hours = hours_of(sites)
    weeks = _weeks([site.opened for site in sites if site.opened], now)
    own = set(ClosedWeek.objects.filter(site__isnull=False).values_list("site", flat=True))
    stations = _stations({site.pk: ZoneInfo(site.timezone) for site in sites})
    shut: dict[tuple[str, str], dict[str, str]] = {}  # most sites share a calendar's
    found = []
    for each in sites:
        key = each.calendar_id or "", each.pk if each.hours is not None or each.pk in own else ""
        if key not in shut:
            shut[key] = _shut(hours[each.pk], weeks)
        found.append(_place(each, stations.get(each.pk, []), shut[key]))
    return found


def _place(site: Any, stations: Sequence[Known], shut: dict[str, str]) -> Place:
    terms = Terms(
        site=site.code,
        zone=ZoneInfo(site.timezone),
        due=Due(sessions=site.minimum_sessions, seconds=float(site.minimum_seconds)),
        policy=SitePolicy(policy=Policy(site.policy), share=site.share_percent / 100),
        opened=site.opened,
        closed=_last_day(site),
        shut=shut,
        left={each.name: iso_week(each.retired) for each in stations if each.retired},
        stood={each.name: each.stood for each in stations if len(each.stood.stays) > 1 or each.stood.since != EVER},
    )
    return Place(terms=terms, stations=tuple(each.name for each in stations))


def _last_day(site: Any) -> date | None:
    """Until when the site owes; the week of a merger is of the one that took over."""
    closed: date | None = site.closed
    if closed is None or site.merged_into_id is None:
        return closed
    return closed - timedelta(days=closed.isoweekday())


def _stations(zones: Mapping[str, tzinfo]) -> dict[str, list[Known]]:
    """The stations of each site, by their names: those that stand there, and those that had a week there."""
    history: dict[str, list[tuple[str, datetime | None]]] = {}
    for name, site, began in Placement.objects.order_by("id").values_list("station", "site", "began"):
        history.setdefault(name, []).append((site, began))
    found: dict[str, list[Known]] = {}
    for site, name, retired in Station.objects.order_by("name").values_list("site", "name", "retired"):
        rows = history.get(name, [])
        if not rows or rows[-1][0] != site:  # written past the history: nothing is known but where it stands
            rows = [(site, None)]
        known = Known(name, retired, stood([Placed(at, zones[at], began) for at, began in rows]))
        for at in {site, *(each.site for each in known.stood.stays)}:
            found.setdefault(at, []).append(known)
    return found


def _weeks(opened: Sequence[date], now: datetime) -> list[str]:
    """The ISO weeks that calendars are asked about, the one after ``now`` included: somewhere it may be Monday."""
    last = now.date() + timedelta(days=1)
    first = max(min(opened, default=last - UNOPENED), last - timedelta(weeks=MAX_WEEKS))
    return [iso_week(first + timedelta(weeks=number)) for number in range((last - first).days // 7 + 2)]


def _shut(hours: Hours, weeks: Sequence[str]) -> dict[str, str]:
    return {week: reason for week in weeks if (reason := hours.closed(week)) is not None}
