"""Which visits help most: whom somebody should go and see first. Pure.

A visit mends what stands in a hall: a box without power, a TV that nobody switches on, a clock chip. It helps where a
site missed one week after the other up to now. A met week ends the run: whatever stood in the way there is mended.
Weeks in which nothing was due, and those lost to the power or to our own fault, are passed over: nobody mends the grid
or the centre in a hall. The longest run goes first, since it shows that it does not mend itself; of equally long ones
the cause of which a visit is the surest cure, then the site with more rooms.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct

from estation_central.compliance.rooms import Cause, Lost
from estation_wire.counts import Verdict

LOOK_BACK: Final = 13  # weeks, a quarter: a site that was dead for longer is no more urgent for it
MOST: Final = 10  # visits on one page: what a county's technicians can drive in a week
SUREST: Final = (Cause.NO_SESSION, Cause.TV_OFF, Cause.SILENT, Cause.CLOCK_GUESSED, Cause.TOO_SHORT)
"""Causes by how surely a visit mends them. What was shown too shortly is often a matter of who holds the remote."""


class Past(NamedTuple):
    """A week of a site as it was reckoned, such as ``2026-W48``."""

    week: str
    verdict: Verdict
    cause: Cause | None
    lost: Lost | None


class Visit(Struct, frozen=True, kw_only=True):
    """A site to see: how many weeks in a row it missed, since when, and what stood in the way of the newest."""

    site: str
    missed: int
    since: str
    cause: Cause
    rooms: int


def visit(site: str, rooms: int, weeks: Iterable[Past], running: str) -> Visit | None:
    """The visit that a site needs, if any. ``weeks``: its newest first; the ``running`` one is not missed yet."""
    missed: list[Past] = []
    for each in weeks:
        if each.verdict is Verdict.MET:
            break
        if each.week < running and each.verdict is Verdict.NOT_MET and each.lost is None:
            missed.append(each)
    if not missed:
        return None
    cause = missed[0].cause or Cause.SILENT
    return Visit(site=site, missed=len(missed), since=missed[-1].week, cause=cause, rooms=rooms)


def best(visits: Iterable[Visit], most: int = MOST) -> list[Visit]:
    """The ``most`` visits that help most, the first before all."""
    return sorted(visits, key=_order)[:most]


def _order(each: Visit) -> tuple[int, int, int, str]:
    return -each.missed, SUREST.index(each.cause), -each.rooms, each.site
