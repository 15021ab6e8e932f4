"""The published library, item by item: what it is, since when it is here, and how often and where it was shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from msgspec import Struct

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.compliance import plays
from estation_central.compliance.plays import Months, Play
from estation_central.site import tags
from estation_central.site.page import page, part_of
from estation_wire.delegations import COUNTY_DIGITS

MONTH: Final = r"20[0-9]{2}-(0[1-9]|1[0-2])"
WINDOW: Final = timedelta(days=334)  # of a page that was asked for no period: twelve months with the running one
ORDERS: Final = {
    "most": gettext_lazy("shown most first"),
    "least": gettext_lazy("shown least first"),
    "title": gettext_lazy("by title"),
}


class Row(Struct, frozen=True, kw_only=True):
    """One item as the page tells it; ``title`` is empty where no catalogue here ever named it."""

    play: Play
    title: str
    series: str

    @property
    def length(self) -> str:
        """Minutes and seconds."""
        seconds = round(self.play.item.seconds) if self.play.item else 0
        return f"{seconds // 60}:{seconds % 60:02}"

    @property
    def topic(self) -> str:
        """The topic, in words."""
        return tags.topic(self.play.item.topic) if self.play.item else ""

    @property
    def languages(self) -> str:
        """What it speaks or is written in, in words."""
        return ", ".join(tags.languages(self.play.item.languages.split())) if self.play.item else ""


_KEYS: Final[dict[str, Callable[[Row], tuple[Any, ...]]]] = {
    "most": lambda row: (-row.play.times, -row.play.seconds, not row.title, row.title, row.play.content),
    "least": lambda row: (row.play.times, row.play.seconds, not row.title, row.title, row.play.content),
    "title": lambda row: (not row.title, row.title, row.play.content),
}


class MonthsForm(forms.Form):
    """Of which months, and in which order."""

    first = forms.RegexField(rf"^{MONTH}\Z", label=gettext_lazy("from"), widget=forms.DateInput({"type": "month"}))
    last = forms.RegexField(rf"^{MONTH}\Z", label=gettext_lazy("until"), widget=forms.DateInput({"type": "month"}))
    order = forms.ChoiceField(label=gettext_lazy("order"), choices=list(ORDERS.items()))

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        told = super().clean() or {}
        if "first" in told and "last" in told and told["first"] > told["last"]:
            raise forms.ValidationError(_("The period ends before it begins."))
        return told


@require_safe
@needs(Right.SEE)
def library(request: HttpRequest) -> HttpResponse:
    """Every item, fifty at a time; its plays are those at the sites that one may see."""
    today = datetime.now(UTC).date()
    asked = {"first": _month(today - WINDOW), "last": _month(today), "order": "most"}
    form = MonthsForm(asked | {name: request.GET[name] for name in asked if name in request.GET})
    words: dict[str, Any] = {"form": form}
    if form.is_valid():
        words |= _listed(request, Months(form.cleaned_data["first"], form.cleaned_data["last"]))
    return page(request, "library.html", words, status=200 if form.is_valid() else 400)


def _listed(request: HttpRequest, months: Months) -> dict[str, Any]:
    sites = None if scope.may_everywhere(request.user, Right.SEE) else scope.sites(request.user)
    english = (get_language() or "").startswith("en")
    counties = None if sites is None else set(scope.stations(request.user).order_by().values_list("region", flat=True))
    found = (each for each in plays.listed(months, sites) if _concerns(each, counties))
    rows = [_row(each, english=english) for each in found]
    order = request.GET.get("order", "most")
    part = part_of(request, sorted(rows, key=_KEYS[order]))
    at = plays.sites_of([row.play.content for row in part if row.play.times], months, sites)
    never = sum(not row.play.times for row in rows)
    told = [(row, at.get(row.play.content, 0)) for row in part]
    return {"part": part, "told": told, "all": len(rows), "never": never}


def _concerns(play: Play, counties: set[str] | None) -> bool:
    """Whether it is for these counties (None: for all): a neighbour's own films are nothing that one left unshown."""
    role = play.item.role if play.item else ""
    return counties is None or not role or play.times > 0 or role[:COUNTY_DIGITS] in counties


def _row(play: Play, *, english: bool) -> Row:
    item = play.item
    if item is None:
        return Row(play=play, title="", series="")
    if english:
        return Row(play=play, title=item.title_en, series=item.series_en)
    return Row(play=play, title=item.title, series=item.series)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
