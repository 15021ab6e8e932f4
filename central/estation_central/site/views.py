"""The pages: the list of stations, one station's week, a picture, and the buttons for commands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.compliance import weeks as reckoned
from estation_central.compliance.sites import iso_week
from estation_central.registry.models import Site
from estation_central.registry.owing import owing, owing_now, site_in, this_week
from estation_central.site import weeks, wording
from estation_central.site.page import page, part_of
from estation_central.stations import queries
from estation_central.stations.models import Picture, Station
from estation_central.stations.week import StationWeek
from estation_wire.counts import Evidence
from estation_wire.messages import AnyCommand, Identify, Stop, Sync
from estation_wire.messages import Picture as PictureCommand

MONTHS: Final = timedelta(days=182)  # of the box's days, starts and card on its page
BUTTONS: Final[dict[str, type[AnyCommand]]] = {
    "identify": Identify,
    "picture": PictureCommand,
    "sync": Sync,
    "stop": Stop,
}


@require_safe
@needs(Right.SEE)
def station_list(request: HttpRequest) -> HttpResponse:
    """The stations that one may see, fifty at a time; and those that report without being in the registry."""
    now = datetime.now(UTC)
    stations = scope.stations(request.user).filter(retired=None)
    part = part_of(request, stations.select_related("site__calendar"))
    contacts = queries.contacts(station.name for station in part)
    weeks = queries.verdicts(owing_now(part, now))
    lines = [
        _line(station, contacts.get(station.name, queries.Contact()), weeks[station.name], now) for station in part
    ]
    strangers = queries.strangers() if scope.may_everywhere(request.user, Right.SEE) else []
    words = {"lines": lines, "strangers": strangers, "part": part, "all": part.paginator.count}
    if part.has_other_pages():  # as it was reckoned; else as the lines say, which know a minute more
        sums = {"met": reckoned.met_stations(stations, now), "online": queries.online(stations, now)}
    else:
        sums = {"met": sum(line["week"].met for line in lines), "online": sum(line["online"] for line in lines)}
    return page(request, "stations.html", words | sums)


def _line(station: Station, contact: queries.Contact, week: StationWeek, now: datetime) -> dict[str, Any]:
    return {
        "station": station,
        "contact": contact,
        "online": contact.online(now),
        "trust": wording.TRUST[contact.health.trust] if contact.health else None,
        "week": week,
        "verdict": wording.verdict_line(week),
        "next": _local(contact.health.next_session if contact.health else None, station),
        "heard": _local(contact.heard, station),
    }


@require_safe
@needs(Right.SEE)
def station_week(request: HttpRequest, name: str, week: str = "") -> HttpResponse:
    """One week of one station; the running one where ``week`` is left out."""
    station = get_object_or_404(scope.stations(request.user), name=name)
    now = datetime.now(UTC)
    current = this_week(station, now)
    week = week or current
    monday = weeks.monday(week)
    there = site_in(station, week)
    shown = queries.week_page(owing(station, there, week))
    words = {
        **_line(station, queries.contact(name), shown.verdict, now),
        "there": there if there.pk != station.site.pk and _may_see(request, there) else None,
        "zone": shown.asked.zone,
        "name": week,
        "current": week == current,
        "before": iso_week(monday - timedelta(days=7)),
        "after": iso_week(monday + timedelta(days=7)),
        "columns": _columns(shown.verdict),
        "reopened": _reopened(shown),
        "sessions": [_session(shown, number) for number in reversed(range(len(shown.verdict.sessions)))],
        "lost": queries.lost_ranges(name),
        "mismatches": queries.mismatches(name),
        "by_hand": queries.newest_picture(name) if current else None,
        "stored": queries.stored_records(name),
        "row": weeks.row_of_station(station, now),
        "months": queries.days(name, now - MONTHS) if current else None,
        "may_order": scope.stations(request.user, Right.ORDER).filter(name=name).exists(),
    }
    health = words["contact"].health
    words["tv"] = wording.TV[health.tv] if health else None
    return page(request, "station.html", words)


def _may_see(request: HttpRequest, site: Site) -> bool:
    return scope.sites(request.user).filter(pk=site.pk).exists()


def _reopened(page: queries.Week) -> dict[str, Any] | None:
    if page.reopened is None:
        return None
    columns = _columns(page.reopened.before)
    line = wording.reopened_line(page.reopened)
    return {"line": line, "at": _at(page.reopened.at, page), "columns": columns}


def _columns(week: StationWeek) -> list[dict[str, Any]]:
    return [
        {"name": words, "sessions": week.result.sessions[kind], "seconds": int(week.result.seconds[kind]), "kind": kind}
        for kind, words in wording.EVIDENCE.items()
    ]


def _session(page: queries.Week, number: int) -> dict[str, Any]:
    showing = page.verdict.sessions[number]
    end = page.verdict.ends[showing.session]
    return {
        "began": _at(showing.began, page),
        "seconds": int(showing.counting),
        "place": page.verdict.places.get(showing.session, ""),
        "enough": showing.counting >= page.verdict.due.seconds and showing.evidence is not Evidence.TV_OFF,
        "evidence": wording.EVIDENCE[showing.evidence],
        "series": end.series,
        "origin": wording.ORIGIN[end.origin],
        "reason": wording.REASON[end.reason],
        "attendance": end.attendance,
        "clips": page.clips.get(showing.session, ()),
        "picture": page.pictures.get(showing.session),
    }


def _at(instant: datetime, page: queries.Week) -> datetime:
    """By the clock of the place at which the week was shown."""
    return instant.astimezone(page.asked.zone)


def _local(instant: datetime | None, station: Station) -> datetime | None:
    return instant.astimezone(ZoneInfo(station.timezone)) if instant else None


@require_safe
@needs(Right.SEE)
def picture(request: HttpRequest, command: str) -> HttpResponse:
    """What a screen showed. It is a box's own word: sent as a picture, and never as anything else."""
    found = get_object_or_404(Picture, command=command, media_type="image/jpeg")
    get_object_or_404(scope.stations(request.user), name=found.station)
    answer = HttpResponse(bytes(found.content), content_type="image/jpeg")
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


@require_POST
@needs(Right.ORDER)
def order(request: HttpRequest, name: str) -> HttpResponse:
    """Make a command for the station."""
    station = get_object_or_404(scope.stations(request.user, Right.ORDER), name=name)
    kind = BUTTONS.get(request.POST.get("do", ""))
    if kind is None:
        raise Http404
    queries.order(station.name, kind, datetime.now(UTC))
    messages.success(request, _("The command is on its way; it is kept for a day if the station is offline."))
    return redirect("station", name=name)
