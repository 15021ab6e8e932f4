"""One week of a site: the verdict, the four columns, what stood in the way, what it was before, and its rooms."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.compliance import rows, weeks
from estation_central.compliance.models import SiteVerdict
from estation_central.compliance.rooms import Cause, Lost
from estation_central.compliance.sites import iso_week
from estation_central.registry.models import Site
from estation_central.site import wording
from estation_central.site.page import page
from estation_central.stations.models import Station
from estation_central.stations.reopening import Why, monday_of
from estation_wire.counts import Verdict, week_of
from estation_wire.values import WEEK_PATTERN, matches, refuse_far

ROW: Final = 53  # weeks on a site's page: a year


def row(site: Site, now: datetime) -> list[dict[str, Any]]:
    """The site's last year, a cell a week, the oldest first."""
    newest = week_of(now, ZoneInfo(site.timezone))
    known = {each.week: each for each in weeks.of_site(site, newest, ROW)}
    first = monday_of(newest, UTC).date() - timedelta(weeks=ROW - 1)
    names = [iso_week(first + timedelta(weeks=number)) for number in range(ROW)]
    found = [(x, name, known.get(name)) for x, name in enumerate(names)]
    return [
        {"x": x, "week": name, "standing": weeks.standing(each.verdict, each.cause), "again": bool(each.before)}
        for x, name, each in found
        if each is not None
    ]


def row_of_station(station: Station, now: datetime) -> list[dict[str, Any]]:
    """A station's last year, a cell a week, the oldest first."""
    newest = week_of(now, ZoneInfo(station.timezone))
    first = monday_of(newest, UTC).date() - timedelta(weeks=ROW - 1)
    places = {iso_week(first + timedelta(weeks=number)): number for number in range(ROW)}
    known = weeks.of_station(station, newest, ROW)
    return [{"x": places[week], "week": week, "standing": standing} for week, standing in known if week in places]


@require_safe
@needs(Right.SEE)
def site_week(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """One week as it was reckoned, and the sessions' sums of each room, each with the way to its records."""
    site = get_object_or_404(scope.sites(request.user).select_related("region"), pk=code)
    begins = monday(week)
    found = weeks.week_of_site(site, week)
    rooms = weeks.rooms(site, week)
    mine = scope.stations(request.user).filter(name__in=[each.station for each in rooms])
    now = datetime.now(UTC)
    newest = week_of(now, ZoneInfo(site.timezone))
    words = {
        "site": site,
        "name": week,
        "before": iso_week(begins - timedelta(days=7)),
        "after": iso_week(begins + timedelta(days=7)) if week < newest else None,
        "found": found,
        "rooms": rooms,
        "mine": set(mine.values_list("name", flat=True)),  # one that went on may stand where somebody may not look
    }
    return page(request, "site_week.html", words | (_told(found) if found else {}))


def monday(week: str) -> date:
    """Where a week begins that somebody asks for; *not found* where there is no such week."""
    try:
        begins = monday_of(week, UTC)
        refuse_far(begins + timedelta(days=3))  # the year of a week is that of its Thursday
    except ValueError:
        raise Http404 from None
    if not matches(WEEK_PATTERN, week):
        raise Http404
    return begins.date()


def _told(found: SiteVerdict) -> dict[str, Any]:
    figures = [getattr(found, f"{what}_{kind}") for what in ("sessions", "seconds") for kind in COLUMNS]
    return {
        "verdict": wording.VERDICT[Verdict(found.verdict)],
        "standing": weeks.standing(found.verdict, found.cause),
        "cause": wording.CAUSE[Cause(found.cause)] if found.cause else "",
        "lost": wording.LOST[Lost(found.lost)] if found.lost else "",
        "columns": _columns(figures),
        "again": _again(found),
    }


COLUMNS: Final = ("confirmed", "unknown", "guessed", "off")


def _columns(figures: list[float]) -> list[dict[str, Any]]:
    """Four sessions, then four seconds, as `rows.columns` writes them."""
    return [
        {"name": wording.EVIDENCE[kind], "sessions": int(figures[place]), "seconds": int(figures[place + 4])}
        for place, kind in enumerate(rows.COLUMNS)
    ]


def _again(found: SiteVerdict) -> dict[str, Any] | None:
    """What the week was when it was reckoned first, where it is another now."""
    if not found.before:
        return None
    verdict, *figures = json.loads(found.before)
    return {
        "verdict": wording.VERDICT[Verdict(verdict)],
        "columns": _columns(figures),
        "at": found.reopened_at,
        "why": wording.why_line([Why(each) for each in found.reopened_why.split(",")], found.late),
    }
