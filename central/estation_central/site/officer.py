"""An officer's own page, behind a personal link: is my site done, if not why, what to post, and «closed because»."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import segno
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from estation_central.compliance import weeks
from estation_central.compliance.models import Showing, SiteVerdict
from estation_central.compliance.rooms import Cause
from estation_central.registry import linking
from estation_central.registry.models import ClosedWeek, Officer, Site
from estation_central.site import wording
from estation_central.site.weeks import row
from estation_central.stations import queries
from estation_wire.counts import Verdict, week_of

REASONS: Final = {
    "holiday": "放假 · holidays",
    "exams": "考试 · exams",
    "harvest": "农忙 · harvest",
    "repair": "维修 · repair",
    "weather": "天气 · the weather",
    "event": "场地另有活动 · the hall is used otherwise",
}
"""Why a week is closed, as it stands in the registry, in both languages. A closed list: nothing to type on a phone."""
BY_OFFICER: Final = "（信息员 · by the officer）"
SHOWN_MOST: Final = 12  # showings on a poster: an A4 page


def _opened(request: HttpRequest, token: str) -> tuple[Officer, datetime] | HttpResponse:
    now = datetime.now(UTC)
    officer = linking.officer_of(token, now.date())
    if officer is None:
        return render(request, "officer_gone.html", status=404)
    return officer, now


def _week(site: Site, now: datetime) -> str:
    return week_of(now, ZoneInfo(site.timezone))


@require_safe
@login_not_required
@never_cache
def mine(request: HttpRequest, token: str) -> HttpResponse:
    """How the officer's site stands this week, and its year."""
    opened = _opened(request, token)
    if isinstance(opened, HttpResponse):
        return opened
    officer, now = opened
    week = _week(officer.site, now)
    closed = ClosedWeek.objects.filter(site=officer.site, week=week).first()
    words = {
        "site": officer.site,
        "token": token,
        "week": week,
        "told": _told(weeks.week_of_site(officer.site, week)),
        "row": row(officer.site, now),
        "closed": closed,
        "may_open": closed is not None and closed.reason.endswith(BY_OFFICER),
        "reasons": REASONS,
        "next": _next(officer.site),
    }
    return render(request, "officer.html", words)


def _told(found: SiteVerdict | None) -> dict[str, Any]:
    """Done or behind, and because of what."""
    if found is None:
        return {"standing": "silent", "line": wording.CAUSE[Cause.SILENT]}
    verdict = Verdict(found.verdict)
    line = wording.CAUSE[Cause(found.cause)] if found.cause else ""
    return {"standing": weeks.standing(found.verdict, found.cause), "verdict": wording.VERDICT[verdict], "line": line}


def _next(site: Site) -> datetime | None:
    """When the next session begins in any of its rooms, as the boxes said last, in local time."""
    names = site.stations.filter(retired=None).values_list("name", flat=True)  # type: ignore[attr-defined]  # Django's
    said = (each.health for each in queries.contacts(names).values())
    coming = [each.next_session for each in said if each is not None and each.next_session is not None]
    return min(coming).astimezone(ZoneInfo(site.timezone)) if coming else None


@require_http_methods(["POST"])
@login_not_required
@never_cache
def close(request: HttpRequest, token: str) -> HttpResponse:
    """First tap: the reason. Second tap: yes, the running week is closed for it. ``do=open`` takes it back."""
    opened = _opened(request, token)
    if isinstance(opened, HttpResponse):
        return opened
    officer, now = opened
    site, week = officer.site, _week(officer.site, now)
    if request.POST.get("do") == "open":
        ClosedWeek.objects.filter(site=site, week=week, reason__endswith=BY_OFFICER).delete()
        return redirect("mine", token=token)
    reason = REASONS.get(request.POST.get("reason", ""))
    if reason is None:
        return redirect("mine", token=token)
    if request.POST.get("week") == week:  # of what was confirmed: not of a week that has begun meanwhile
        ClosedWeek.objects.get_or_create(site=site, week=week, defaults={"reason": f"{reason}{BY_OFFICER}"})
        return redirect("mine", token=token)
    words = {"site": site, "token": token, "week": week, "key": request.POST["reason"], "reason": reason}
    return render(request, "officer_close.html", words)


@require_safe
@login_not_required
@never_cache
def poster(request: HttpRequest, token: str) -> HttpResponse:
    """This week's showings to print and to post. The code on it opens the public page, never the personal one."""
    opened = _opened(request, token)
    if isinstance(opened, HttpResponse):
        return opened
    officer, now = opened
    site, week = officer.site, _week(officer.site, now)
    names = site.stations.values_list("name", flat=True)
    shown = Showing.objects.filter(station__in=list(names), week=week, enough=True).order_by("day", "session")
    address = request.build_absolute_uri(reverse("public-site", kwargs={"code": site.code}))
    words = {
        "site": site,
        "week": week,
        "shown": [(each.day, each.series, round(each.counting / 60)) for each in shown[:SHOWN_MOST]],
        "next": _next(site),
        "code": segno.make(address, error="m").svg_inline(scale=6, border=2),
        "address": address,
    }
    return render(request, "poster.html", words)


@require_safe
@login_not_required
def public_site(request: HttpRequest, code: str) -> HttpResponse:
    """What anybody may know of a site: its name, and what is shown there this week. What the poster's code opens."""
    site = Site.objects.filter(pk=code, closed=None).select_related("region").first()
    if site is None:
        return render(request, "officer_gone.html", status=404)
    now = datetime.now(UTC)
    names = site.stations.values_list("name", flat=True)  # type: ignore[attr-defined]  # made by Django
    shown = Showing.objects.filter(station__in=list(names), week=_week(site, now), enough=True).order_by("day")
    words = {"site": site, "shown": [(each.day, each.series) for each in shown[:SHOWN_MOST]], "next": _next(site)}
    return render(request, "public_site.html", words)
