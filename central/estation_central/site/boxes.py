"""A station's history: where it stood, which boxes served it; and what can be done about its box."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from estation_central.accounts import scope
from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.authority.certificates import AuthorityError
from estation_central.registry import moving, revoking
from estation_central.registry.models import Box, Why
from estation_central.registry.models.boxes import SERIAL_PATTERN
from estation_central.site.page import page
from estation_central.stations.models import Station


class BoxForm(forms.Form):
    """Which box serves the station from now on; one that nobody knew yet is taken into the pool first."""

    serial = forms.RegexField(SERIAL_PATTERN, label=gettext_lazy("serial number"), max_length=64)


class LeavingForm(forms.Form):
    """Why the box serves no more. Where it was stolen, its certificate is worth nothing from now on."""

    why = forms.ChoiceField(
        label=gettext_lazy("why"),
        choices=[(each.value, each.label) for each in (Why.MOVED, Why.BROKEN, Why.STOLEN, Why.RETIRED)],
    )


@require_safe
@needs(Right.SEE)
def history(request: HttpRequest, name: str) -> HttpResponse:
    """What became of a station."""
    station = get_object_or_404(scope.stations(request.user), name=name)
    return page(request, "history.html", _words(request, station, BoxForm(), LeavingForm()))


@require_http_methods(["POST"])
@needs(Right.FIT)
def fit(request: HttpRequest, name: str) -> HttpResponse:
    """Another box serves the station."""
    station = get_object_or_404(scope.stations(request.user, Right.FIT), name=name)
    form = BoxForm(request.POST)
    if form.is_valid():
        box, _made = Box.objects.get_or_create(serial=form.cleaned_data["serial"])
        try:
            moving.assign(box, station, datetime.now(UTC))
        except ValidationError as error:
            form.add_error("serial", error)
        else:
            messages.success(request, _("The box serves this station now."))
            return redirect("history", name=name)
    return page(request, "history.html", _words(request, station, form, LeavingForm()), status=400)


@require_http_methods(["POST"])
@needs(Right.FIT)
def take_away(request: HttpRequest, name: str) -> HttpResponse:
    """The station's box serves no more; a stolen one is shut out at once."""
    station = get_object_or_404(scope.stations(request.user, Right.FIT), name=name)
    form = LeavingForm(request.POST)
    if not form.is_valid():
        return page(request, "history.html", _words(request, station, BoxForm(), form), status=400)
    why, now = Why(form.cleaned_data["why"]), datetime.now(UTC)
    if why in {Why.STOLEN, Why.RETIRED}:
        try:
            revoking.revoke(station.name, settings.CENTRE, now)
        except (AuthorityError, OSError) as error:
            form.add_error(None, _("Its certificate could not be taken back: %(error)s") % {"error": error})
            return page(request, "history.html", _words(request, station, BoxForm(), form), status=500)
        messages.success(request, _("Its certificate is worth nothing from the broker's next reload on."))
    if why is Why.RETIRED:
        moving.retire(station, now, now.date())
    else:
        moving.take_away(station, now, why)
    return redirect("history", name=name)


def _words(request: HttpRequest, station: Station, box: BoxForm, leaving: LeavingForm) -> dict[str, object]:
    assignments = station.assignments.select_related("box")  # type: ignore[attr-defined]  # made by Django
    return {
        "station": station,
        "assignments": assignments,
        "now": assignments.filter(ended=None).first(),
        "placements": station.placements.select_related("site"),  # type: ignore[attr-defined]
        "box": box,
        "leaving": leaving,
        "may_fit": station.retired is None and scope.stations(request.user, Right.FIT).filter(pk=station.pk).exists(),
    }
