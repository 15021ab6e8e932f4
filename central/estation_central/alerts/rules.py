"""What is worth an alert. Pure: what is known of stations and sites in, findings out.

A box without a network for weeks is nothing new here, and neither is a school that is dark on a Sunday: so the waits
are long, and a site that owes nothing this week is let be. What one cause explains is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

SILENT_AFTER: Final = timedelta(days=7)  # a week without power is told by the hall itself, seldom
SILENT_BY_STICK: Final = timedelta(days=45)  # a technician's round takes a month; half of another for its delays
KNOWN_FOR: Final = timedelta(days=180)  # what was silent longer is a matter of the coverage page, not of an alert
DARK_AFTER: Final = timedelta(days=3)  # a school is dark from Friday to Monday
DARK_SHARE: Final = 0.8
DARK_LEAST: Final = 5  # stations; of fewer each is told by itself
FRIDAY: Final = 5  # ISO weekday
WORN_PERCENT: Final = 80  # card life by its own count; weeks are left, and the visit can be planned
CLOCK_OFF: Final = timedelta(minutes=10)  # a message on a slow line takes seconds; a wrong zone shows as an hour
RESETS: Final = 3
RESETS_WITHIN: Final = timedelta(days=1)
STALE_AFTER: Final = timedelta(days=30)
PUBLISHED_SHARE: Final = 0.05  # of the stations; one that claims a number of its own makes nobody stale
PUBLISHED_LEAST: Final = 2
MISMATCH_WITHIN: Final = timedelta(days=7)


class Kind(StrEnum):
    """What is wrong, the worst first."""

    COUNTY_DARK = "county-dark"
    CLONED_CARD = "cloned-card"
    SILENT = "silent"
    CARD_WORN = "card-worn"
    CLOCK_WRONG = "clock-wrong"
    RESETS = "resets"
    BEHIND = "behind"
    LIBRARY_STALE = "library-stale"


class Observed(Struct, frozen=True, kw_only=True):
    """What is known of a station. ``heard``: by network; ``told``: when its newest record came, by whatever way.

    ``said_at`` and ``heard_at``: the hour that its last health told, and the hour at which that came by network.
    ``brought_at``: the hour at which a stick brought it, where that was the newest; ``guessed``: by its own word the
    box did not know the time then.
    """

    station: str
    site: str
    county: str
    due: bool = True
    """Whether its site owes something this week."""
    heard: datetime | None = None
    told: datetime | None = None
    said_at: datetime | None = None
    heard_at: datetime | None = None
    brought_at: datetime | None = None
    guessed: bool = False
    worn_percent: int = 0
    catalogue: int = 0
    resets: int = 0
    """Starts within `RESETS_WITHIN` that its watchdog or its supervisor forced."""
    mismatch: datetime | None = None
    """When a hello last showed that two cards go by one journal's name."""


class Brought(Struct, frozen=True, kw_only=True):
    """When a stick's word of a box was said, at the latest, and when it was here. See `Observed`."""

    told: datetime
    received: datetime
    guessed: bool = False


class Week(Struct, frozen=True, kw_only=True):
    """The running week of a site: the day that it is there (1 is Monday), and whether it owes and has not met it."""

    site: str
    county: str
    week: str
    weekday: int
    unmet: bool


class Finding(Struct, frozen=True, kw_only=True, order=True):
    """One thing that is wrong with one subject: a station, a site or a county, by the kind. ``detail`` is a figure."""

    kind: Kind
    subject: str
    county: str
    site: str = ""
    detail: str = ""


def findings(
    stations: Sequence[Observed], weeks: Iterable[Week], seen: Mapping[int, datetime], now: datetime
) -> list[Finding]:
    """Everything that is wrong at ``now``, each once. ``seen``: since when each catalogue is known as published."""
    dark = dark_counties(stations, now)
    quiet = {each.station for each in stations if _silent_for(each, now) or _dark(each, now)}
    current = max((number for number, since in seen.items() if now - since >= STALE_AFTER), default=0)
    found = [
        Finding(kind=Kind.COUNTY_DARK, subject=county, county=county, detail=f"{count}")
        for county, count in dark.items()
    ]
    for each in stations:
        covered = each.county in dark and _dark(each, now)
        found += _of_station(each, current, now, covered=covered)
    rooms: dict[str, list[str]] = {}
    for each in stations:
        rooms.setdefault(each.site, []).append(each.station)
    for week in weeks:
        if week.unmet and week.weekday >= FRIDAY and not quiet.issuperset(rooms.get(week.site, ())):
            found.append(
                Finding(kind=Kind.BEHIND, subject=week.site, county=week.county, site=week.site, detail=week.week)
            )
    return sorted(found)


def _of_station(each: Observed, current: int, now: datetime, *, covered: bool) -> Iterable[Finding]:
    """What is wrong with one station; ``covered``: that it is silent is told of its county already."""
    told: list[tuple[Kind, str]] = []
    if each.mismatch is not None and now - each.mismatch < MISMATCH_WITHIN:
        told.append((Kind.CLONED_CARD, ""))
    days = _silent_for(each, now)
    if days and not covered:
        told.append((Kind.SILENT, f"{days}"))
    if each.worn_percent >= WORN_PERCENT:
        told.append((Kind.CARD_WORN, f"{each.worn_percent}"))
    if not days and (off := _clock_off(each)) is not None:
        told.append((Kind.CLOCK_WRONG, off))
    if each.resets >= RESETS:
        told.append((Kind.RESETS, f"{each.resets}"))
    if not days and 0 < each.catalogue < current:
        told.append((Kind.LIBRARY_STALE, f"{each.catalogue} < {current}"))
    return (
        Finding(kind=kind, subject=each.station, county=each.county, site=each.site, detail=detail)
        for kind, detail in told
    )


def _last(each: Observed) -> datetime | None:
    return max((at for at in (each.heard, each.told) if at is not None), default=None)


def _silent_for(each: Observed, now: datetime) -> int:
    """For how many days the station has told nothing, where that is too long; else 0."""
    last = _last(each)
    if last is None or not each.due or now - last > KNOWN_FOR:
        return 0
    limit = SILENT_AFTER if each.heard is not None else SILENT_BY_STICK
    return (now - last).days if now - last >= limit else 0


def _dark(each: Observed, now: datetime) -> bool:
    return each.heard is not None and now - each.heard >= DARK_AFTER


def _clock_off(each: Observed) -> str | None:
    """By how many minutes its clock is wrong, where that is too much; empty: it does not know the time; None: well.

    A stick is under way for weeks. So of what it brings only this is sure: that the box itself was guessing, or that
    its clock was before ours when we read it.
    """
    if each.said_at is None:
        return None
    if each.brought_at is not None:
        if each.guessed:
            return ""
        off = each.said_at - each.brought_at
    elif each.heard_at is not None:
        off = abs(each.heard_at - each.said_at)
    else:
        return None
    return f"{int(off / timedelta(minutes=1))}" if off >= CLOCK_OFF else None


def by_stick(said_at: datetime | None, heard_at: datetime | None, brought: Brought) -> bool:
    """Whether what a stick brought was said after what came last by network (the hour it told, the hour it came).

    What was heard after the stick was read is newer, whatever the box's clock says. A guessed hour says nothing.
    """
    if said_at is None or (heard_at is not None and heard_at >= brought.received):
        return said_at is None
    return brought.guessed or brought.told > min(said_at, heard_at or said_at)


def dark_counties(stations: Iterable[Observed], now: datetime) -> dict[str, int]:
    """Counties nearly all of whose stations are silent: how many are. It stays one alert however long that lasts."""
    counted: dict[str, list[int]] = {}
    for each in stations:
        if each.due and each.heard is not None and now - each.heard < KNOWN_FOR:
            all_and_dark = counted.setdefault(each.county, [0, 0])
            all_and_dark[0] += 1
            all_and_dark[1] += _dark(each, now)
    return {
        county: dark for county, (all_, dark) in sorted(counted.items()) if dark >= max(DARK_LEAST, DARK_SHARE * all_)
    }


def published(stations: Iterable[Observed]) -> int:
    """The newest catalogue that enough stations hold to believe that it was published; 0 where none is."""
    held = sorted((each.catalogue for each in stations if each.catalogue), reverse=True)
    needed = max(PUBLISHED_LEAST, round(PUBLISHED_SHARE * len(held)))
    return held[needed - 1] if len(held) >= needed else 0
