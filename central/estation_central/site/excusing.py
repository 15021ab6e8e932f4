"""Weeks that count against nobody, or not against one site: what was lost to the power, or by our own fault."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from estation_central.compliance.rooms import Lost
from estation_central.ledger.models import ExcusedWeek
from estation_central.registry.models import Site
from estation_central.site import wording

MOST: Final = 60  # on one page: ten years of half a dozen weeks each

Excused = list[tuple[ExcusedWeek, Promise]]
"""Weeks, each with what it was lost to."""


class ExcusedForm(forms.ModelForm):  # type: ignore[type-arg]  # Django itself knows no parameter
    """A week that does not count against a site; against none, where its row names no site."""

    class Meta:
        """The fields."""

        model = ExcusedWeek
        fields = ("week", "lost", "reason")

    def clean(self) -> dict[str, Any]:
        """Refuse a week that is excused already."""
        told = super().clean() or {}
        if ExcusedWeek.objects.filter(site=self.instance.site, week=told.get("week", "")).exists():
            self.add_error("week", _("This week is in the list already."))
        return told


def of_site(site: Site, year: int) -> Excused:
    """The weeks of a year that are excused to one site alone, in order."""
    return _told(ExcusedWeek.objects.filter(site=site, week__startswith=f"{year}-W").order_by("week"))


def of_all() -> Excused:
    """The weeks that are excused to every site, the newest first."""
    return _told(ExcusedWeek.objects.filter(site=None).order_by("-week")[:MOST])


def _told(rows: Any) -> Excused:
    return [(each, wording.LOST[Lost(each.lost)]) for each in rows]
