"""Rules to slots: RFC 5545 recurrence in local wall time becomes instants in UTC. Pure, but heavy: it needs icalendar.

The box's sync runs it, which has the memory for it, and the centre's preview; the playing path reads only the table
that comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from estation_wire.audience import Place, meant_for
from estation_wire.hours import Hours, instant
from estation_wire.library import Programme, Rule
from estation_wire.planner import Length, Slot, settled
from estation_wire.recurrence import RuleError, starts

AHEAD: Final = timedelta(days=14)
MAX_SLOTS_OF_A_RULE: Final = 24 * 24  # once an hour for the longest table: AHEAD, and the week that has begun


class Expanded(NamedTuple):
    """The slots by start, and the rules that could not be understood, with why."""

    slots: tuple[Slot, ...]
    refused: tuple[tuple[str, str], ...]


def closures(programme: Programme, place: Place) -> dict[str, str]:
    """The weeks that the programme closes for ``place``, with their reasons."""
    return {each.week: each.reason for each in programme.closed if meant_for(each.audience, place)}


def expand(
    programme: Programme,
    place: Place,
    hours: Hours,
    lengths: Mapping[str, Length],
    *,
    after: datetime,
    until: datetime,
    minimum_seconds: float,
) -> Expanded:
    """Every slot for ``place`` in ``after`` <= start < ``until``; a bad rule is left out and told.

    ``lengths``: what the catalogue says of each content id. Slots that overlap are settled.
    """
    slots: list[Slot] = []
    refused: list[tuple[str, str]] = []
    playlists = {each.id: each.contents for each in programme.playlists}
    for rule in programme.rules:
        if not meant_for(rule.audience, place) or not _valid(rule, after, until):
            continue
        try:
            offered = _offered(rule, playlists)
            begins = _starts(rule, max(after, rule.valid_from or after), min(until, rule.valid_until or until))
        except RuleError as error:
            refused.append((rule.id, str(error)))
            continue
        slots += (_slot(rule, start, offered, lengths) for start in begins)
    return Expanded(settled(slots, hours, minimum_seconds), tuple(refused))


def _valid(rule: Rule, after: datetime, until: datetime) -> bool:
    begins = rule.valid_from is None or rule.valid_from < until
    return begins and (rule.valid_until is None or rule.valid_until > after)


def _offered(rule: Rule, playlists: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    offered = playlists.get(rule.playlist, ()) if rule.playlist is not None else rule.contents
    if not offered:
        msg = f"there is no playlist {rule.playlist}" if rule.playlist is not None else "it names no content"
        raise RuleError(msg)
    return offered


def _slot(rule: Rule, start: datetime, offered: tuple[str, ...], lengths: Mapping[str, Length]) -> Slot:
    contents = _taken(rule, start, offered)
    known = [lengths[content] for content in contents if content in lengths]
    return Slot(
        rule=rule.id,
        start=start,
        contents=contents,
        series=rule.series or "",
        priority=rule.priority,
        length=sum(each.seconds for each in known),
        counting=sum(each.counting for each in known),
    )


def _taken(rule: Rule, start: datetime, offered: tuple[str, ...]) -> tuple[str, ...]:
    """What this occurrence shows. Which turn it is depends on the date alone: no box remembers, all agree."""
    take = min(rule.take or len(offered), len(offered), 100)
    day = start.astimezone(ZoneInfo(rule.timezone)).date().toordinal()
    turn = {"no": 0, "daily": day, "weekly": (day - 1) // 7}[rule.rotate]
    first = turn * take % len(offered)
    return (offered * 2)[first : first + take]


def _starts(rule: Rule, after: datetime, until: datetime) -> list[datetime]:
    zone = _zone(rule.timezone)
    try:
        found = {instant(wall, zone) for wall in starts(rule.event, zone, after, until)}
    except RuleError:
        raise
    except Exception as error:  # noqa: BLE001 - two parsers of outside text with no common family of errors; bounded to one rule
        raise RuleError(str(error)[:200]) from None
    within = sorted(start for start in found if after <= start < until)
    if len(within) > MAX_SLOTS_OF_A_RULE:
        msg = f"{len(within)} sessions in {(until - after).days} days"
        raise RuleError(msg)
    return within


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"no such time zone: {name}"
        raise RuleError(msg) from None


def named(programme: Programme, place: Place | None = None) -> list[str]:
    """Every content id that a rule may show (at ``place``, where one is given), in the order of the rules."""
    playlists = {each.id: each.contents for each in programme.playlists}
    return [
        content
        for rule in programme.rules
        if place is None or meant_for(rule.audience, place)
        for content in (*rule.contents, *playlists.get(rule.playlist or "", ()))
    ]
