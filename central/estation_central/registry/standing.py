"""At which site a station stood in which week, as the history of its placements tells. Pure.

A week is never divided: a room's minimum is one of whole weeks. It belongs to the site at which the station stands
when the week ends, and the running one to the site at which it stands now. So what a school showed on the Monday of the
week in which it was merged counts for the school that took over: once, and in full. Of the time before the first
placement nothing else is known, and the first site has those weeks too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from estation_central.stations.reopening import monday_of
from estation_wire.counts import week_of

EVER: Final = "0001-W01"
STILL: Final = "9999-W52"


class Placed(NamedTuple):
    """A row of the history: the site, its clock, and since when; None is since before the registry knew."""

    site: str
    zone: tzinfo
    began: datetime | None

    @property
    def week(self) -> str:
        """The first week that ends with the station here."""
        return EVER if self.began is None else week_of(self.began, self.zone)


class Stay(NamedTuple):
    """The weeks of a station that are a site's, the first and the last included; `EVER` and `STILL` have no bound."""

    site: str
    first: str
    last: str

    def holds(self, week: str) -> bool:
        """Whether a week, such as ``2026-W48``, is one of them."""
        return self.first <= week <= self.last


class Stood(NamedTuple):
    """Where a station stood: every week is in exactly one of its ``stays``, the oldest first.

    ``since``: from which week on the registry itself says so; before it, only its records can tell that it was there.
    """

    stays: tuple[Stay, ...]
    since: str = EVER

    def site(self, week: str) -> str:
        """Whose a week is."""
        if len(self.stays) == 1:  # nearly always
            return self.stays[0].site
        return next(each.site for each in reversed(self.stays) if each.first <= week)


def stood(history: Sequence[Placed]) -> Stood:
    """What one station's ``history`` comes to, its oldest row first; there is one at least."""
    found: list[Stay] = []
    for each in history:
        first = max(each.week, found[-1].first) if found else each.week
        if found and found[-1].first == first:
            found.pop()  # it went on before the week was over
        if found and found[-1].site == each.site:
            found[-1] = found[-1]._replace(last=STILL)
            continue
        if found:
            found[-1] = found[-1]._replace(last=_before(first))
        found.append(Stay(each.site, first, STILL))
    since = found[0].first
    return Stood((found[0]._replace(first=EVER), *found[1:]), since)


def _before(week: str) -> str:
    return week_of(monday_of(week, UTC) - timedelta(days=7), UTC)
