"""Sums of a period, by whatever they are asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.compliance import figures
from estation_central.compliance.figures import By, Figures
from estation_central.registry import queries
from estation_central.registry.models import Kind, Level, Region, Site
from estation_central.site import tags
from estation_central.site.page import ROWS, page, part_of

WINDOW: Final = timedelta(days=28)  # of a page that was asked for no period: four weeks
MOST: Final = timedelta(days=20 * 366)
YEARS: Final = (2015, 2100)
OF_SESSIONS: Final = frozenset(each.value for each in By)
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

    by = forms.ChoiceField(label=pgettext_lazy("sums", "by"), choices=list(WAYS.items()))
    begin = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput({"type": "date"}))
    end = forms.DateField(label=gettext_lazy("until"), widget=forms.DateInput({"type": "date"}))
    region = forms.CharField(label=gettext_lazy("region, by its code"), required=False, max_length=20)

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or is too long."""
        told = super().clean() or {}
        begin, end = told.get("begin"), told.get("end")
        if begin is None or end is None:
            return told
        if not timedelta() <= end - begin <= MOST:
            raise forms.ValidationError(_("Choose a period of 1 to %(days)d days.") % {"days": MOST.days})
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
        rows = _with_none(By(by), figures.sessions(By(by), begin, end, sites=within))
        part = part_of(request, rows, ROWS * 2)
        names = _names(By(by), [each.key for each in part])
        return {"part": part, "sessions": [(names.get(each.key, ""), each) for each in part]}
    if by == "topic":
        return {"items": [(tags.topic(each.key), each) for each in figures.topics(begin, end, sites=within)]}
    if by == "bulletin":
        return _bulletins(request, figures.bulletins(begin, end, within), begin, end)
    county = get_object_or_404(_counties(request), code=region)
    offered = figures.languages(county.code, begin, end)
    return {"items": [(tags.language(each.key), each) for each in offered]}


def _with_none(by: By, rows: list[Figures]) -> list[Figures]:
    """By kind each kind has a row: that nothing was shown in any school is a figure, too."""
    if by is not By.KIND:
        return rows
    known = {each.key: each for each in rows}
    none = {"sessions": 0, "enough": 0, "seconds": 0.0, "attendances": None, "told": 0}
    return [known.get(kind.value) or Figures(key=kind.value, **none) for kind in Kind]  # type: ignore[arg-type]


def _bulletins(request: HttpRequest, shown: list[figures.Shown], begin: date, end: date) -> dict[str, Any]:
    """Those that were on a screen, and those whose page was opened: a paper or a chat group carries an address too.

    Who opened a page stood in no county: of a part of the network the views are not known, which is not none.
    """
    times = {each.key: each.times for each in shown}
    views = figures.page_views(begin, end) if scope.may_everywhere(request.user, Right.SEE) else None
    part = part_of(request, sorted(times | (views or {})))
    rows = [(key, times.get(key, 0), None if views is None else views.get(key, 0)) for key in part]
    return {"bulletins": rows, "part": part, "times": sum(times.values())}


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
