"""Pure decisions: whether a profile may be applied, and which of a stick's is meant for this box."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from estation_box.library import said
from estation_box.words import Said
from estation_wire.profile import Profile, accepted_major
from estation_wire.values import STATION_PATTERN, matches

SUFFIX: Final = ".json"
MAX_PROFILES: Final = 100  # names looked at on a stick; the plan has 50 stations on one


class Choice(Struct, frozen=True, kw_only=True):
    """The station whose profile is to be tried, or why none is. ``several``: people must choose among them."""

    station: str | None = None
    refusal: Said | None = None
    several: tuple[str, ...] = ()


def stations_of(names: Iterable[str]) -> list[str]:
    """The stations whose profiles lie on a stick, by the names in its folder ``profiles``."""
    stems = (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))
    return sorted(stem for stem in stems if matches(STATION_PATTERN, stem))


def choose(offered: list[str], *, own: str | None, claimed: frozenset[str], wanted: str | None = None) -> Choice:
    """Which profile to try: the box's own, or on a bare box the only one that nobody has claimed.

    ``wanted``: the station that a person chose. Without one, nothing is ever chosen among several.
    """
    if own is not None:
        if own in offered or not offered:
            return Choice(station=own if own in offered else None)
        return Choice(refusal=said.PROFILE_OTHER.about(other=", ".join(offered), station=own))
    free = [station for station in offered if station not in claimed]
    if wanted is not None and wanted in offered:
        used = wanted in claimed
        return Choice(refusal=said.PROFILE_USED.about(station=wanted)) if used else Choice(station=wanted)
    if len(free) > 1:
        return Choice(refusal=said.PROFILE_SEVERAL.about(count=len(free)), several=tuple(free))
    if not free and offered:
        return Choice(refusal=said.PROFILE_USED.about(station=offered[0]))
    return Choice(station=free[0] if free else None)


def judge(
    profile: Profile, *, named: str, own: Profile | None, used: frozenset[tuple[str, int]], floor: datetime
) -> Said | None:
    """Why a profile that is signed may not be applied; None where it may.

    ``named``: the station that the file is named for. ``floor``: the time that it is at least.
    """
    faults = (
        (not accepted_major(profile), said.NEWER),
        (profile.station != named, said.PROFILE_MISNAMED),
        (not zone_exists(profile.timezone), said.PROFILE_BROKEN),
        (own is not None and profile.epoch <= own.epoch, said.PROFILE_OLDER),
        ((profile.station, profile.epoch) in used, said.PROFILE_USED),
        (profile.retire and own is None, said.PROFILE_RETIRES),
        (profile.not_after <= floor, said.PROFILE_EXPIRED),
    )
    return next((sentence.about(station=named) for wrong, sentence in faults if wrong), None)


def zone_exists(name: str) -> bool:
    """Whether this box knows a time zone of that name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
