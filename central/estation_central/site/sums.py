"""Sums of a period, and the paragraph that the network hands upward; each figure leads to what stands behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.compliance import figures
from estation_central.compliance.figures import By
from estation_central.compliance.models import SiteVerdict
from estation_central.ledger import batches, rules
from estation_central.ledger.models import Payment
from estation_central.registry import queries
from estation_central.registry.models import Kind, Level, Officer, Region, Site
from estation_central.site.page import ROWS, page, part_of
from estation_central.stations.models import Station
from estation_wire.counts import Verdict

WINDOW: Final = timedelta(days=28)  # of a page that was asked for no period: four weeks
MOST: Final = timedelta(days=20 * 366)
MOST_ITEMS: Final = timedelta(days=92)  # of every showing of an item there is a row: a quarter of them is millions
YEARS: Final = (2015, 2100)
OF_SESSIONS: Final = frozenset(each.value for each in By)
ITEMS: Final = frozenset({"topic", "language"})
WAYS: Final = {
    "county": gettext_lazy("county"),
    "kind": gettext_lazy("kind of site"),
    "site": gettext_lazy("site"),
    "series": gettext_lazy("series"),
    "topic": gettext_lazy("topic"),
    "language": gettext_lazy("language (what was offered in a county)"),
    "bulletin": gettext_lazy("bulletin"),
}


class PeriodForm(forms.Form):
    """What shall be summed, and of which days."""

    by = forms.ChoiceField(label=gettext_lazy("by"), choices=list(WAYS.items()))
    begin = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput({"type": "date"}))
    end = forms.DateField(label=gettext_lazy("until"), widget=forms.DateInput({"type": "date"}))
    region = forms.CharField(label=gettext_lazy("region, by its code"), required=False, max_length=20)

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or is too long."""
        told = super().clean() or {}
        begin, end = told.get("begin"), told.get("end")
        if begin is None or end is None:
            return told
        most = MOST_ITEMS if told.get("by") in ITEMS else MOST
        if not timedelta() <= end - begin <= most:
            raise forms.ValidationError(_("Choose a period of 1 to %(days)d days.") % {"days": most.days})
        if told.get("by") == "language" and not told.get("region"):
            raise forms.ValidationError(_("Name the county: by language there are figures of a county alone."))
        return told


@require_safe
@needs(Right.SEE)
def sums(request: HttpRequest) -> HttpResponse:
    """Sessions, seconds and attendances, or how often items and bulletins were shown, of the sites that one may see."""
    today = datetime.now(UTC).date()
    asked = {"by": "county", "begin": f"{today - WINDOW}", "end": f"{today}", "region": ""}
    form = PeriodForm(asked | {name: request.GET[name] for name in asked if name in request.GET})
    words: dict[str, Any] = {"form": form}
    if form.is_valid():
        words |= _summed(request, **form.cleaned_data)
    return page(request, "sums.html", words, status=200 if form.is_valid() else 400)


def _summed(request: HttpRequest, by: str, begin: date, end: date, region: str) -> dict[str, Any]:
    here = get_object_or_404(scope.regions(request.user), code=region) if region else None
    sites = scope.sites(request.user)
    within = sites.filter(queries.below(here)) if here else sites
    if by in OF_SESSIONS:
        rows = figures.sessions(By(by), begin, end, sites=within)
        told = rows[: ROWS * 2]
        names = _names(By(by), [each.key for each in told])
        return {"sessions": [(names.get(each.key, ""), each) for each in told], "more": len(rows) - len(told)}
    if by == "topic":
        return {"items": figures.topics(begin, end, sites=within)}
    if by == "bulletin":
        return _bulletins(request, figures.bulletins(begin, end, within), begin, end)
    county = get_object_or_404(_counties(request), code=region)
    return {"items": figures.languages(county.code, begin, end)}


def _bulletins(request: HttpRequest, shown: list[figures.Shown], begin: date, end: date) -> dict[str, Any]:
    """Those that were on a screen, and those whose page was opened: a paper or a chat group carries an address too.

    Who opened a page stood in no county: of a part of the network the views are not known, which is not none.
    """
    times = {each.key: each.times for each in shown}
    views = figures.page_views(begin, end) if scope.may_everywhere(request.user, Right.SEE) else None
    part = part_of(request, sorted(times | (views or {})))
    rows = [(key, times.get(key, 0), None if views is None else views.get(key, 0)) for key in part]
    return {"bulletins": rows, "part": part}


def _counties(request: HttpRequest) -> Any:
    """The counties the whole of which one may see: a figure of supply is not one of single halls, or of one host."""
    whole = [each.region for each in scope.scopes(request.user, Right.SEE) if not each.kind and not each.host]
    ids = [each.pk for each in scope.regions(request.user) if any(each.path.startswith(path) for path in whole)]
    return Region.objects.filter(pk__in=ids, level=Level.COUNTY)


def _names(by: By, keys: list[str]) -> dict[str, str]:
    """Names for people, by the keys of sums."""
    if by is By.COUNTY:
        return dict(Region.objects.filter(code__in=keys).values_list("code", "name"))
    if by is By.KIND:
        return {kind.value: str(kind.label) for kind in Kind}
    if by is By.SITE:
        return dict(Site.objects.filter(code__in=keys).values_list("code", "title"))
    return {}


@require_safe
@needs(Right.SEE)
def paragraph(request: HttpRequest, year: int) -> HttpResponse:
    """A year of the network in its own words, of the sites that one may see."""
    if not YEARS[0] <= year <= YEARS[1]:
        raise Http404
    begin, end = date(year, 1, 1), date(year, 12, 31)
    sites = scope.sites(request.user)
    kinds = {each.key: each for each in figures.sessions(By.KIND, begin, end, sites=sites)}
    numbers = dict(sites.filter(closed=None).order_by().values_list("kind").annotate(count=Count("code")))
    weeks = SiteVerdict.objects.filter(
        site__in=sites.order_by().values("code"), week__range=(f"{year}-W01", f"{year}-W53")
    )
    verdicts = dict(weeks.order_by().values_list("verdict").annotate(count=Count("*")))
    met = verdicts.get(Verdict.MET.value, 0)
    due = met + verdicts.get(Verdict.NOT_MET.value, 0)
    words = {
        "year": year,
        "kinds": [(kind, numbers.get(kind.value, 0), kinds.get(kind.value)) for kind in (Kind.VILLAGE, Kind.SCHOOL)],
        "stations": Station.objects.filter(site__in=sites, retired=None).count(),
        "met": met,
        "due": due,
        "percent": round(100 * met / due, 1) if due else None,
        "bulletins": sum(each.times for each in figures.bulletins(begin, end, sites)),
        "officers": Officer.objects.filter(site__in=sites.filter(closed=None).order_by().values("pk")).count(),
        "paid": _paid(request, year),
        "costs": _costs(request, year),
        "by_kind": _sums_at("kind", begin, end),
        "by_bulletin": _sums_at("bulletin", begin, end),
    }
    return page(request, "paragraph.html", words)


def _sums_at(by: str, begin: date, end: date) -> str:
    return f"{reverse('sums')}?{urlencode({'by': by, 'begin': begin, 'end': end})}"


def _paid(request: HttpRequest, year: int) -> Any:
    """Yuan of the year's subsidies that went out, for those who may see the ledger; else None."""
    sites = scope.sites(request.user, Right.LEDGER)
    if not scope.may(request.user, Right.LEDGER):
        return None
    paid = Payment.objects.filter(
        year=year, due=True, batch__paid__isnull=False, site__in=sites.order_by().values("pk")
    )
    return rules.yuan(sum(paid.values_list("fen", flat=True)))


def _costs(request: HttpRequest, year: int) -> Any:
    """Yuan a session and an attendance, for those who keep the ledger, of the sites whose ledger they keep; else None.

    Of the same sites on both sides; an attendance that nobody told costs nothing and is no attendance.
    """
    if not scope.may(request.user, Right.LEDGER):
        return None
    sites = scope.sites(request.user, Right.LEDGER)
    shown = figures.sessions(By.KIND, date(year, 1, 1), date(year, 12, 31), sites=sites)
    told = [each.attendances for each in shown if each.attendances is not None]
    ours = Payment.objects.filter(site__in=sites.order_by().values("pk"))
    session, attendance = batches.costs(year, sum(each.sessions for each in shown), sum(told) if told else None, ours)
    return {"session": session, "attendance": attendance}
