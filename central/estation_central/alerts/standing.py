"""What becomes of an alert from pass to pass: begins, is over, goes one level up. Pure.

An alert stands at a place of the tree of regions: first at its county. Where nobody acknowledged it for
`UP_AFTER`, it goes to the next region above that has somebody to be told, and stays at the last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from msgspec import Struct

from estation_central.alerts.rules import Finding, Kind

UP_AFTER: Final = timedelta(days=3)
CALM_FOR: Final = timedelta(hours=6)  # what comes back within it was not over: a line that comes and goes tells once


class Name(NamedTuple):
    """Which alert it is: there is one of a kind for each subject."""

    kind: Kind
    subject: str


class Standing(Struct, frozen=True, kw_only=True):
    """An alert that is not over, or was over a moment ago. ``level``: the code of the region whose people it is at."""

    name: Name
    county: str
    site: str
    detail: str
    level: str
    level_since: datetime
    acknowledged: bool = False
    over: datetime | None = None


class Step(Struct, frozen=True, kw_only=True):
    """What a pass changes: new ones, those to be written again, and those that are over."""

    begun: tuple[Standing, ...] = ()
    changed: tuple[Standing, ...] = ()
    over: tuple[Name, ...] = ()


class Hush(Struct, frozen=True, kw_only=True):
    """Not to be told until an hour: of a kind (or every), of a subject, a site or a whole county (or all)."""

    until: datetime
    kind: str = ""
    subject: str = ""

    def covers(self, alert: Standing, now: datetime) -> bool:
        """Whether it keeps this alert quiet."""
        if now >= self.until or self.kind not in {"", alert.name.kind}:
            return False
        return self.subject in {"", alert.name.subject, alert.site, alert.county}


def step(
    found: Iterable[Finding],
    standing: Iterable[Standing],
    above: Mapping[str, Sequence[str]],
    staffed: Collection[str],
    now: datetime,
) -> Step:
    """The changes of a pass. ``above``: of each county's code, itself and what lies above it, "" (all) last.

    ``staffed``: the codes of regions with somebody to tell.
    """
    known = {each.name: each for each in standing}
    begun, changed = [], []
    names = set()
    for each in found:
        name = Name(each.kind, each.subject)
        names.add(name)
        levels = above.get(each.county) or (each.county, "")
        before = known.get(name)
        if before is None or (before.over is not None and now - before.over >= CALM_FOR):
            begun.append(_new(name, each, levels, staffed, now))
        elif (after := _went_on(before, each, levels, staffed, now)) != before:
            changed.append(after)
    over = tuple(sorted(name for name, each in known.items() if name not in names and each.over is None))
    return Step(begun=tuple(begun), changed=tuple(changed), over=over)


def _new(name: Name, each: Finding, levels: Sequence[str], staffed: Collection[str], now: datetime) -> Standing:
    level = next((code for code in levels if code in staffed), levels[0])
    return Standing(name=name, county=each.county, site=each.site, detail=each.detail, level=level, level_since=now)


def _went_on(
    before: Standing, each: Finding, levels: Sequence[str], staffed: Collection[str], now: datetime
) -> Standing:
    level, since = before.level, before.level_since
    if not before.acknowledged and now - since >= UP_AFTER:
        place = levels.index(level) + 1 if level in levels else 0
        higher = next((code for code in levels[place:] if code in staffed), None)
        if higher is not None:
            level, since = higher, now
    return Standing(
        name=before.name,
        county=each.county,
        site=each.site,
        detail=each.detail,
        level=level,
        level_since=since,
        acknowledged=before.acknowledged,
    )


def to_tell(standing: Iterable[Standing], hushes: Sequence[Hush], now: datetime) -> list[Standing]:
    """Those that somebody is to be told of, if they were not told yet: not over, not acknowledged, not silenced."""
    return [
        each
        for each in standing
        if each.over is None and not each.acknowledged and not any(hush.covers(each, now) for hush in hushes)
    ]
