"""One site: what is known of it, its stations and closed weeks; and, behind a right of their own, its officers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import segno
from auditlog.signals import accessed
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.registry import linking
from estation_central.registry.models import ClosedWeek, Officer, Site
from estation_central.registry.queries import calendar_of
from estation_central.site import tags, weeks
from estation_central.site.page import page, part_of


class ClosedWeekForm(forms.ModelForm):  # type: ignore[type-arg]  # Django itself knows no parameter
    """A week in which the site owes nothing."""

    class Meta:
        """The fields."""

        model = ClosedWeek
        fields = ("week", "reason")

    def clean(self) -> dict[str, Any]:
        """Refuse a week that is closed already."""
        told = super().clean() or {}
        if ClosedWeek.objects.filter(site=self.instance.site, week=told.get("week", "")).exists():
            self.add_error("week", _("This week is in the list already."))
        return told


@require_safe
@needs(Right.SEE)
def site(request: HttpRequest, code: str) -> HttpResponse:
    """What is known of a site."""
    found = _site(request, code, Right.SEE)
    return page(request, "site.html", _words(request, found, ClosedWeekForm()))


@require_http_methods(["POST"])
@needs(Right.REGISTER)
def close_week(request: HttpRequest, code: str) -> HttpResponse:
    """The site owes nothing in a week, with a reason; or owes again, where ``open`` names the row."""
    found = _site(request, code, Right.REGISTER)
    if again := request.POST.get("open"):
        get_object_or_404(ClosedWeek, site=found, week=again).delete()
        return redirect("site", code=code)
    form = ClosedWeekForm(request.POST, instance=ClosedWeek(site=found))
    if not form.is_valid():
        return page(request, "site.html", _words(request, found, form), status=400)
    form.save()
    messages.success(request, _("The week is closed."))
    return redirect("site", code=code)


@require_safe
@needs(Right.CONTACT)
def officers(request: HttpRequest, code: str) -> HttpResponse:
    """Names and phones of a site's officers. That somebody looked is logged."""
    return _officers(request, _site(request, code, Right.CONTACT), {})


@require_safe
@needs(Right.SEE)
def officer_counts(request: HttpRequest) -> HttpResponse:
    """How many officers each site has, those without one first; no name, no phone."""
    sites = scope.sites(request.user).filter(closed=None).select_related("region")
    officers = Officer.objects.filter(site__in=sites.order_by().values("pk"))
    has = Exists(Officer.objects.filter(site=OuterRef("pk")))
    listed = part_of(request, sites.annotate(has=has).order_by("has", "code"))
    of_sites = Officer.objects.filter(site__in=[each.pk for each in listed]).order_by().values_list("site")
    counts = dict(of_sites.annotate(count=Count("pk")))
    words = {
        "part": listed,
        "sites": [(each, counts.get(each.pk, 0)) for each in listed],
        "officers": officers.count(),
        "without": sites.exclude(pk__in=officers.order_by().values("site")).count(),
    }
    return page(request, "officer_counts.html", words)


@require_http_methods(["POST"])
@needs(Right.CONTACT)
def officer_link(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Make an officer's personal link, which is shown this once, or take it back (``do=revoke``)."""
    found = _site(request, code, Right.CONTACT)
    officer = get_object_or_404(Officer, pk=pk, site=found)
    if request.POST.get("do") == "revoke":
        linking.revoke(officer)
        return redirect("officers", code=code)
    token = linking.make(officer, datetime.now(UTC).date())
    address = request.build_absolute_uri(reverse("mine", kwargs={"token": token}))
    code_words = segno.make(address, error="m").svg_inline(scale=4, border=2)
    return _officers(request, found, {"address": address, "code": code_words})


def _officers(request: HttpRequest, found: Site, words: dict[str, object]) -> HttpResponse:
    known = list(Officer.objects.filter(site=found).select_related("link"))
    for officer in known:
        accessed.send(sender=Officer, instance=officer)
    answer = page(request, "officers.html", {"site": found, "officers": known, **words})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _site(request: HttpRequest, code: str, right: Right) -> Site:
    rows = scope.sites(request.user, right).select_related("region", "district", "host", "calendar", "merged_into")
    return get_object_or_404(rows, pk=code)


def _words(request: HttpRequest, found: Site, form: ClosedWeekForm) -> dict[str, object]:
    try:
        hours = calendar_of(found)
    except (ValidationError, ValueError):  # kept by a newer centre than these pages
        hours = None
    allowed = [right.value for right in Right if scope.sites(request.user, right).filter(pk=found.pk).exists()]
    return {
        "site": found,
        "hours": hours,
        "stations": found.stations.order_by("retired", "name"),  # type: ignore[attr-defined]  # made by Django
        "closed": found.closed_weeks.order_by("-week")[:60],  # type: ignore[attr-defined]
        "partners": found.partners.all(),
        "spoken": tags.languages(found.languages),
        "form": form,
        "row": weeks.row(found, datetime.now(UTC)),
        "may_contact": "contact" in allowed,
        "may_close": "register" in allowed,
    }
