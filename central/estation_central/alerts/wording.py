"""Alerts in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from msgspec import Struct

from estation_central.alerts.rules import Kind

LINES: Final = 50  # of one message; the page has the rest

NAMES: Final = {
    Kind.COUNTY_DARK: gettext_lazy("county dark"),
    Kind.CLONED_CARD: gettext_lazy("copied card"),
    Kind.SILENT: pgettext_lazy("alert", "silent"),
    Kind.CARD_WORN: gettext_lazy("card wearing out"),
    Kind.CLOCK_WRONG: gettext_lazy("clock wrong"),
    Kind.RESETS: gettext_lazy("repeated resets"),
    Kind.BEHIND: gettext_lazy("behind by Friday"),
    Kind.LIBRARY_STALE: gettext_lazy("library stale"),
}
_SAID: Final = {
    Kind.COUNTY_DARK: gettext_lazy("%(detail)s of its stations are silent: look at the power, the line, the broker."),
    Kind.CLONED_CARD: gettext_lazy("Two cards go by one journal's name: find the copy, and provision it anew."),
    Kind.SILENT: gettext_lazy("Nothing was heard for %(detail)s days: call the hall, then visit."),
    Kind.CARD_WORN: gettext_lazy("Its card is worn by %(detail)s per cent: take a new one along."),
    Kind.CLOCK_WRONG: gettext_lazy("Its clock is wrong by %(detail)s minutes: set it, look at its battery."),
    Kind.RESETS: gettext_lazy(
        "It was started by force %(detail)s times in a day: look at card, heat and power supply."
    ),
    Kind.BEHIND: gettext_lazy("It is Friday, and the minimum of %(detail)s is not met: call the officer."),
    Kind.LIBRARY_STALE: gettext_lazy("Its library is a month old (%(detail)s): bring a stick, or look at its line."),
}
_GUESSED: Final = gettext_lazy("It does not know the time: bring a fresh stick, look at its battery.")


class Line(Struct, frozen=True, kw_only=True):
    """An alert as people read it; ``title`` is the subject's name for people."""

    kind: Kind
    subject: str
    title: str
    detail: str

    @property
    def name(self) -> str:
        """The kind's name."""
        return str(NAMES[self.kind])

    @property
    def said(self) -> str:
        """What it is, and what is to be done."""
        if self.kind is Kind.CLOCK_WRONG and not self.detail:
            return str(_GUESSED)
        return str(_SAID[self.kind]) % {"detail": self.detail}

    def __str__(self) -> str:
        return f"{self.name}: {self.title} ({self.subject}). {self.said}"


def subject_of_new(lines: Sequence[Line]) -> str:
    """The subject line of a message of new alerts."""
    if len(lines) == 1:
        return f"E-Station: {lines[0].name}: {lines[0].title}"
    return "E-Station: " + ngettext("%(count)d alert", "%(count)d alerts", len(lines)) % {"count": len(lines)}


def subject_of_digest(lines: Sequence[Line]) -> str:
    """The subject line of a digest."""
    return "E-Station: " + _("alerts of the day: %(count)d stand") % {"count": len(lines)}


def body(lines: Sequence[Line]) -> str:
    """The text of a message: a line each, the first `LINES` of them."""
    told = [f"- {line}" for line in lines[:LINES]]
    if len(lines) > LINES:
        told.append(_("… and %(count)d more, on the page of alerts.") % {"count": len(lines) - LINES})
    return "\n".join(told) + "\n"
