"""Puts verdicts and figures into words, in the reader's language. The four columns keep their names everywhere."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from estation_central.collector import reports
from estation_central.compliance.rooms import Cause, Lost
from estation_central.ledger.rules import Standing
from estation_central.stations.reopening import Reopened, Why
from estation_central.stations.week import StationWeek
from estation_wire.counts import Evidence, Verdict
from estation_wire.values import Trust, Tv

EVIDENCE: Final[dict[Evidence, Promise]] = {
    Evidence.CONFIRMED: gettext_lazy("confirmed"),
    Evidence.TV_UNKNOWN: gettext_lazy("TV not known"),
    Evidence.CLOCK_GUESSED: gettext_lazy("clock guessed"),
    Evidence.TV_OFF: gettext_lazy("TV off"),
}
TRUST: Final[dict[Trust, Promise]] = {
    Trust.NETWORK: gettext_lazy("from the network"),
    Trust.RTC: gettext_lazy("from its clock chip"),
    Trust.STICK: gettext_lazy("from a stick"),
    Trust.HAND: gettext_lazy("set by hand"),
    Trust.GUESS: gettext_lazy("guessed"),
}
TV: Final[dict[Tv, Promise]] = {
    Tv.ON: gettext_lazy("on"),
    Tv.UNKNOWN: gettext_lazy("not known"),
    Tv.OFF: gettext_lazy("off"),
}
ORIGIN: Final[dict[str, Promise]] = {
    "planned": gettext_lazy("planned"),
    "make-up": gettext_lazy("make-up"),
    "keeper": gettext_lazy("by the keeper"),
    "command": gettext_lazy("by command"),
}
REASON: Final[dict[str, Promise]] = {
    "completed": gettext_lazy("to its end"),
    "power": gettext_lazy("power cut"),
    "keeper": gettext_lazy("ended by the keeper"),
    "command": gettext_lazy("ended by command"),
    "fault": gettext_lazy("fault"),
    "tv-off": gettext_lazy("TV switched off"),
    "bulletin": gettext_lazy("interrupted by a bulletin"),
    "missing": gettext_lazy("clips are missing"),
    "lesson": gettext_lazy("a lesson began"),
    "closed": gettext_lazy("the hall closed"),
}

VERDICT: Final[dict[Verdict, Promise]] = {
    Verdict.MET: gettext_lazy("minimum met"),
    Verdict.NOT_MET: gettext_lazy("minimum not met"),
    Verdict.NOT_DUE: gettext_lazy("nothing is due this week"),
}
STANDING: Final[dict[str, Promise]] = {
    "met": gettext_lazy("met"),
    "behind": gettext_lazy("behind"),
    "silent": gettext_lazy("silent"),
    "not_due": gettext_lazy("not due"),
}
"""How a site stands in a week, by the names of `weeks.Numbers`."""
CAUSE: Final[dict[Cause, Promise]] = {
    Cause.TV_OFF: gettext_lazy("shown long enough, to a TV that was off"),
    Cause.TOO_SHORT: gettext_lazy("shown, but not long enough"),
    Cause.CLOCK_GUESSED: gettext_lazy("shown on a day that nobody knows: its clock was guessed"),
    Cause.NO_SESSION: gettext_lazy("the box was up, and showed nothing"),
    Cause.SILENT: gettext_lazy("nothing was heard of this week"),
}
ADVICE: Final[dict[Cause, Promise]] = {
    Cause.TV_OFF: gettext_lazy("See that the TV has power, and that the box can switch it on and is on its input."),
    Cause.TOO_SHORT: gettext_lazy("Ask who ends the sessions, and set hours in which the hall is open."),
    Cause.CLOCK_GUESSED: gettext_lazy("Set the clock by a fresh stick; change the battery of its clock chip."),
    Cause.NO_SESSION: gettext_lazy("Bring a stick with the library; look at the programme and the opening hours."),
    Cause.SILENT: gettext_lazy("Bring a spare box and an empty stick, and carry the reports home."),
}
"""What to take along, or to look at there."""
LOST: Final[dict[Lost, Promise]] = {
    Lost.POWER: gettext_lazy("the power"),
    Lost.OURS: gettext_lazy("our own fault"),
}

LEDGER: Final[dict[Standing, Promise]] = {
    Standing.MET: gettext_lazy("met"),
    Standing.NOT_MET: gettext_lazy("not met"),
    Standing.CLOSED: pgettext_lazy("week", "closed"),
    Standing.POWER: gettext_lazy("lost to the power"),
    Standing.OURS: gettext_lazy("lost by our own fault"),
    Standing.UNKNOWN: gettext_lazy("nothing is known"),
}
"""What a week says for or against a site when its subsidy is decided."""

NOTICE: Final[dict[str, Promise]] = {
    "draft": gettext_lazy("draft, not signed yet"),
    "signed": gettext_lazy("signed, not sent yet"),
    "sent": gettext_lazy("sent"),
    "ending": gettext_lazy("being recalled: the recall waits to be signed"),
    "recalled": gettext_lazy("recalled"),
}
OUTCOME: Final[dict[str, Promise]] = {
    "": gettext_lazy("not answered yet"),
    "accepted": gettext_lazy("accepted"),
    "done": gettext_lazy("taken"),
    "refused": gettext_lazy("refused"),
}
"""What a box answered to a bulletin, or to its recall."""
REPORT: Final[dict[reports.Why, Promise]] = {
    reports.Why.LARGE: gettext_lazy("larger than a report ever is: it is no report"),
    reports.Why.BROKEN: gettext_lazy("cut, changed, or no report: copy it from the stick again"),
    reports.Why.PLACE: gettext_lazy("it lies in the folder of another station"),
    reports.Why.NEWER: gettext_lazy("written by newer firmware than this centre knows: have the centre updated"),
    reports.Why.UNKNOWN: gettext_lazy("the station has no certificate yet: have its request signed first"),
    reports.Why.FOREIGN: gettext_lazy("not signed by this station's box: take the stick to the box again"),
    reports.Why.GAP: gettext_lazy("the reports before it are not here: hand them in as well"),
}
"""Why a report is not taken, and what to do."""
REPORT_OF_OTHERS: Final = gettext_lazy("not of your places, and not to be believed as it is")

ORDERED: Final[dict[str, Promise]] = {
    "sync": gettext_lazy("refresh the library"),
    "play": gettext_lazy("play a film"),
    "stop": gettext_lazy("end the session"),
    "bulletin": gettext_lazy("show a bulletin"),
    "identify": gettext_lazy("show its name"),
    "picture": gettext_lazy("take a picture"),
    "collect-logs": gettext_lazy("collect its logs"),
    "reboot": gettext_lazy("start anew"),
    "update": gettext_lazy("update its program"),
}
"""Commands, by the names of the contract."""


def verdict_line(week: StationWeek) -> str:
    """Such as «minimum met: 31 s of 30 s». Seconds are cut, never rounded up: 29.9 of 30 is not met."""
    words = {"shown": int(week.best_seconds), "due": int(week.due.seconds)}
    several = {"good": week.good_sessions, "sessions": week.due.sessions, "due": int(week.due.seconds)}
    if week.result.verdict is Verdict.NOT_DUE:
        return _("nothing is due this week")
    if week.due.sessions == 1:
        met, unmet = _("minimum met: %(shown)d s of %(due)d s"), _("minimum not met: %(shown)d s of %(due)d s")
        return (met if week.met else unmet) % words
    met = _("minimum met: %(good)d of %(sessions)d sessions of %(due)d s")
    unmet = _("minimum not met: %(good)d of %(sessions)d sessions of %(due)d s")
    return (met if week.met else unmet) % several


def reopened_line(reopened: Reopened) -> str:
    """Such as «re-opened: 2 late records; was: minimum not met: 0 s of 600 s»."""
    words = {"reasons": why_line(reopened.why, reopened.late), "before": verdict_line(reopened.before)}
    return _("re-opened: %(reasons)s; was: %(before)s") % words


def why_line(why: Collection[Why], late: int) -> str:
    """Such as «2 late records, dates put right when the time became known»."""
    reasons = []
    if Why.LATE in why:
        reasons.append(ngettext("%(count)d late record", "%(count)d late records", late) % {"count": late})
    if Why.RE_DATED in why:
        reasons.append(_("dates put right when the time became known"))
    return _(", ").join(reasons)
