"""An officer's own page, behind a personal link: is my site done, if not why, what to post, and «closed because»."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import segno
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from estation_central.compliance import weeks
from estation_central.compliance.models import Showing, SiteVerdict
from estation_central.compliance.rooms import Cause
from estation_central.registry import linking
from estation_central.registry.models import ClosedWeek, Officer, Site
from estation_central.site import poster_picture, wording
from estation_central.site.weeks import row
from estation_central.stations import queries
from estation_central.stations.models import Station
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
NO_SERIES: Final = "科普"


class Opened(NamedTuple):
    """What a personal link has opened, and when."""

    token: str
    officer: Officer
    now: datetime


def _by_link(view: Callable[[HttpRequest, Opened], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page behind a personal link: it needs no login, a link without worth opens nothing, and no cache keeps it."""

    @login_not_required
    @never_cache
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        now = datetime.now(UTC)
        officer = linking.officer_of(token, now.date())
        if officer is None:
            return render(request, "officer_gone.html", status=404)
        return view(request, Opened(token, officer, now))

    return opened


def _week(site: Site, now: datetime) -> str:
    return week_of(now, ZoneInfo(site.timezone))


@require_safe
@_by_link
def mine(request: HttpRequest, link: Opened) -> HttpResponse:
    """How the officer's site stands this week, and its year."""
    site, week = link.officer.site, _week(link.officer.site, link.now)
    closed = ClosedWeek.objects.filter(site=site, week=week).first()
    words = {
        "site": site,
        "token": link.token,
        "week": week,
        "told": _told(weeks.week_of_site(site, week)),
        "row": row(site, link.now),
        "closed": closed,
        "may_open": closed is not None and closed.reason.endswith(BY_OFFICER),
        "reasons": REASONS,
        "next": _next(site),
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
    names = Station.objects.filter(site=site, retired=None).values_list("name", flat=True)
    said = (each.health for each in queries.contacts(names).values())
    coming = [each.next_session for each in said if each is not None and each.next_session is not None]
    return min(coming).astimezone(ZoneInfo(site.timezone)) if coming else None


@require_http_methods(["POST"])
@_by_link
def close(request: HttpRequest, link: Opened) -> HttpResponse:
    """First tap: the reason. Second tap: yes, the running week is closed for it. ``do=open`` takes it back."""
    site, week = link.officer.site, _week(link.officer.site, link.now)
    if request.POST.get("do") == "open":
        ClosedWeek.objects.filter(site=site, week=week, reason__endswith=BY_OFFICER).delete()
        return redirect("mine", token=link.token)
    reason = REASONS.get(request.POST.get("reason", ""))
    if reason is None:
        return redirect("mine", token=link.token)
    if request.POST.get("week") == week:  # of what was confirmed: not of a week that has begun meanwhile
        ClosedWeek.objects.get_or_create(site=site, week=week, defaults={"reason": f"{reason}{BY_OFFICER}"})
        return redirect("mine", token=link.token)
    words = {"site": site, "token": link.token, "week": week, "key": request.POST["reason"], "reason": reason}
    return render(request, "officer_close.html", words)


@require_safe
@_by_link
def poster(request: HttpRequest, link: Opened) -> HttpResponse:
    """This week's showings to print and to post. The code on it opens the public page, never the personal one."""
    site, week = link.officer.site, _week(link.officer.site, link.now)
    address = _public_address(request, site)
    words = {
        "site": site,
        "week": week,
        "shown": _shown(site, week),
        "next": _next(site),
        "code": segno.make(address, error="m").svg_inline(scale=6, border=2),
        "address": address,
        "picture": poster_picture.drawable(),
    }
    return render(request, "poster.html", words)


@require_safe
@_by_link
def picture(request: HttpRequest, link: Opened) -> HttpResponse:
    """The same as a picture, which a telephone passes on to a chat group."""
    if not poster_picture.drawable():
        raise Http404
    site, week, coming = link.officer.site, _week(link.officer.site, link.now), _next(link.officer.site)
    rows = [
        f"{day} · {series or NO_SERIES} · "
        + ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
        for day, series, minutes in _shown(site, week)
    ]
    told = poster_picture.Poster(
        title=site.title,
        place=f"{site.region.name} · {week}",
        coming=f"{_('Next session')}: {coming:%m-%d %H:%M UTC%z}" if coming else f"{_('Next session')}: –",
        heading=_("Shown this week"),
        rows=rows or [_("Not yet: come and see.")],
        address=_public_address(request, site),
    )
    answer = HttpResponse(poster_picture.png(told), content_type="image/png")
    answer.headers["Content-Disposition"] = f'inline; filename="poster-{week}.png"'
    return answer


def _public_address(request: HttpRequest, site: Site) -> str:
    return request.build_absolute_uri(reverse("public-site", kwargs={"code": site.code}))


def _shown(site: Site, week: str) -> list[tuple[str, str, int]]:
    """Day, series and minutes of what was shown in a week."""
    names = Station.objects.filter(site=site).values_list("name", flat=True)
    shown = Showing.objects.filter(station__in=list(names), week=week, enough=True).order_by("day", "session")
    return [(each.day, each.series, round(each.counting / 60)) for each in shown[:SHOWN_MOST]]


@require_safe
@login_not_required
def public_site(request: HttpRequest, code: str) -> HttpResponse:
    """What anybody may know of a site: its name, and what is shown there this week. What the poster's code opens."""
    site = Site.objects.filter(pk=code, closed=None).select_related("region").first()
    if site is None:
        return render(request, "officer_gone.html", status=404)
    now = datetime.now(UTC)
    names = Station.objects.filter(site=site).values_list("name", flat=True)
    shown = Showing.objects.filter(station__in=list(names), week=_week(site, now), enough=True).order_by("day")
    words = {"site": site, "shown": [(each.day, each.series) for each in shown[:SHOWN_MOST]], "next": _next(site)}
    return render(request, "public_site.html", words)
