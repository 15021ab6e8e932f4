"""The form of a new bulletin: words in the hall's languages, how and until when it is shown, and to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from estation_central.accounts import scope
from estation_central.accounts.rules import Right
from estation_central.bulletins.drafting import MOST_SITES, Wanted
from estation_central.bulletins.models import NAME_LENGTH, Priority
from estation_central.publication import library
from estation_central.registry.models import Kind, Region, Site
from estation_wire.audience import MAX_REGIONS
from estation_wire.values import NAME_PATTERN

CLOCK: Final = ZoneInfo("Asia/Shanghai")
LANGUAGES: Final = {
    "zh-Hans": "中文",
    "ug-Arab": "ئۇيغۇرچە",
    "kk-Arab": "قازاقشا",
    "ky-Arab": "قىرعىزچا",
    "en": "English",
}
"""The languages of the words, the first of them always; a box shows the one that its people read."""
TITLE_LENGTH: Final = 200
TEXT_LENGTH: Final = 1000  # as the wire has it
CODES_LENGTH: Final = MOST_SITES * 65


class BulletinForm(forms.Form):
    """What shall be said. The words' fields are made for each language."""

    name = forms.RegexField(NAME_PATTERN, max_length=NAME_LENGTH // 2, label=gettext_lazy("name, such as cold-2026-12"))
    priority = forms.ChoiceField(choices=Priority.choices, label=gettext_lazy("how it is shown"))
    role = forms.ChoiceField(label=gettext_lazy("who signs it"))
    regions = forms.CharField(
        required=False, max_length=CODES_LENGTH, label=gettext_lazy("regions, by their codes; empty: everywhere")
    )
    sites = forms.CharField(
        required=False, max_length=CODES_LENGTH, label=gettext_lazy("or single sites, by their codes")
    )
    kind = forms.ChoiceField(required=False, label=gettext_lazy("kind of site"))
    issued = forms.DateTimeField(
        required=False,
        label=gettext_lazy("from (Beijing time; empty: at once)"),
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )
    not_after = forms.DateTimeField(
        required=False,
        label=gettext_lazy("until (Beijing time; empty: until it is recalled)"),
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )
    seconds = forms.IntegerField(min_value=3, max_value=600, initial=30, label=gettext_lazy("seconds on the screen"))
    every_minutes = forms.IntegerField(
        min_value=0, max_value=10_080, initial=0, label=gettext_lazy("again after so many minutes; 0: once")
    )
    link = forms.URLField(
        required=False,
        max_length=200,
        assume_scheme="https",
        label=gettext_lazy("address behind its code; empty: its page here"),
    )
    wakes = forms.BooleanField(
        required=False, label=gettext_lazy("may switch a TV on at night (over the whole screen alone)")
    )

    def __init__(self, *words: Any, user: User, now: datetime, **more: Any) -> None:
        """``user``: who writes it, for the sites of his own."""
        super().__init__(*words, **more)
        self._user, self._now = user, now
        self.fields["role"].choices = [(each.role, each.role) for each in library.voices()]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("every kind")), *Kind.choices]  # type: ignore[attr-defined]
        for number, (tag, name) in enumerate(LANGUAGES.items()):
            title = _("title, %(language)s") % {"language": name}
            text = _("text, %(language)s") % {"language": name}
            area = forms.Textarea({"rows": 3, "lang": tag, "dir": "auto"})
            self.fields[f"title-{tag}"] = forms.CharField(
                label=title, max_length=TITLE_LENGTH, required=not number, widget=forms.TextInput({"dir": "auto"})
            )
            self.fields[f"text-{tag}"] = forms.CharField(
                label=text, max_length=TEXT_LENGTH, required=False, widget=area
            )

    def clean_regions(self) -> list[Region]:
        """The regions of these codes in which the user writes."""
        return self._named(scope.regions(self._user, Right.WRITE), self.cleaned_data["regions"], MAX_REGIONS)

    def clean_sites(self) -> list[Site]:
        """The sites of these codes for which the user writes."""
        return self._named(scope.sites(self._user, Right.WRITE), self.cleaned_data["sites"], MOST_SITES)

    @staticmethod
    def _named(rows: QuerySet[Any], words: str, most: int) -> list[Any]:
        codes = set(words.replace(",", " ").split())
        if len(codes) > most:
            raise forms.ValidationError(_("Name %(most)d at most.") % {"most": most})
        found = list(rows.filter(code__in=codes).order_by("code"))
        if missing := sorted(codes - {each.code for each in found}):
            raise forms.ValidationError(_("Not among yours: %(codes)s") % {"codes": ", ".join(missing)})
        return found

    def clean_issued(self) -> datetime:
        """In Beijing time, as it was typed; now where it was left empty."""
        return self._local("issued") or self._now.replace(microsecond=0)

    def clean_not_after(self) -> datetime | None:
        """In Beijing time, as it was typed."""
        return self._local("not_after")

    def _local(self, field: str) -> datetime | None:
        told: datetime | None = self.cleaned_data[field]
        return told.replace(tzinfo=CLOCK).astimezone(self._now.tzinfo) if told is not None else None

    def clean(self) -> dict[str, Any]:
        """Refuse what is over, what has words without a title, and what names both regions and sites."""
        told = super().clean() or {}
        issued, until = told.get("issued"), told.get("not_after")
        if until is not None and issued is not None and until <= max(issued, self._now):
            self.add_error("not_after", _("It would be over before it begins."))
        if told.get("regions") and told.get("sites"):
            self.add_error("sites", _("Name regions or single sites, not both."))
        if told.get("wakes") and told.get("priority") != Priority.EMERGENCY:
            self.add_error("wakes", _("Only what is shown over the whole screen may do that."))
        for tag in LANGUAGES:
            if told.get(f"text-{tag}") and not told.get(f"title-{tag}"):
                self.add_error(f"title-{tag}", _("A text needs a title in the same language."))
        return told

    def wanted(self, page: str) -> Wanted:
        """What was typed, as a value. ``page``: the address of its page here."""
        told = self.cleaned_data
        return Wanted(
            name=told["name"],
            role=told["role"],
            priority=told["priority"],
            titles=self._words("title"),
            texts=self._words("text"),
            issued=told["issued"],
            not_after=told["not_after"],
            seconds=told["seconds"],
            every_minutes=told["every_minutes"],
            link=told["link"] or page,
            wakes=told["wakes"],
            regions=told["regions"],
            sites=told["sites"],
            kinds=[told["kind"]] if told["kind"] else [],
        )

    def _words(self, what: str) -> dict[str, str]:
        """Line ends as a box has them, and nothing for a language that was left empty."""
        words = {tag: self.cleaned_data[f"{what}-{tag}"].replace("\r\n", "\n") for tag in LANGUAGES}
        return {tag: each for tag, each in words.items() if each}
