"""``library.toml``: what an editor writes down.

One real file::

name = "阿克苏地区科学技术协会"

[[series]]
id = "kepu-tiandi"
titles = { zh-Hans = "科普天地", en = "World of Science" }

[[items]]
id = "hand-washing"                      # the editor's own word, for the rules below
file = "hand-washing.mp4"
titles = { zh-Hans = "洗手", en = "Washing hands" }
topic = "health"
series = "kepu-tiandi"
counts = true
audio = ["zh-Hans", "en"]                # where the file itself does not say
subtitles = ["zh-Hans", "en", "ug-Arab"]

[[rules]]
id = "friday"
timezone = "Asia/Urumqi"
start = 2026-11-27T20:00:00              # local wall time
rrule = "FREQ=WEEKLY;BYDAY=FR"
items = ["hand-washing"]
series = "kepu-tiandi"
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from estation_wire.library import Rule, Series, Titles, Topic
from estation_wire.values import Language, Name, Title, Zone
from studio.errors import StudioError

FILE_NAME: Final = "library.toml"
_RRULE: Final = re.compile(r"^FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY)(;[A-Z]+=[A-Z0-9,+-]+)*\Z")
_STAMP: Final = "%Y%m%dT%H%M%S"
Wall = Annotated[datetime, Meta(tz=False)]


class ItemSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One programme, as the editor names it. ``seconds``: how long a still stands."""

    id: Name
    file: Annotated[str, Meta(min_length=1, max_length=255)]
    titles: Titles
    topic: Topic
    counts: bool = False
    series: Name | None = None
    credit: Title = ""
    licence: Title = ""
    audio: Annotated[tuple[Language, ...], Meta(max_length=32)] | None = None
    subtitles: Annotated[tuple[Language, ...], Meta(max_length=32)] | None = None
    seconds: Annotated[float, Meta(gt=0, le=3600)] = 10.0


class RuleSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule: at ``start`` (local wall time) and, by ``rrule``, again; never at ``exdates``."""

    id: Name
    timezone: Zone
    start: Wall
    items: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=100)]
    rrule: Annotated[str, Meta(max_length=500)] = ""
    exdates: Annotated[tuple[Wall, ...], Meta(max_length=200)] = ()
    series: Name | None = None
    priority: Annotated[int, Meta(ge=0, le=9)] = 5


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of ``library.toml``. ``name`` is the association's."""

    name: Title
    items: tuple[ItemSource, ...]
    series: tuple[Series, ...] = ()
    rules: tuple[RuleSource, ...] = ()


def read(folder: Path) -> Source:
    """The ``library.toml`` of a folder; raises `StudioError`, every fault together."""
    path = folder / FILE_NAME
    try:
        source = msgspec.toml.decode(path.read_bytes(), type=Source)
    except (msgspec.MsgspecError, OSError, UnicodeDecodeError) as error:
        msg = f"{path}: {error}"
        raise StudioError(msg) from None
    faults = _faults(source)
    if faults:
        msg = f"{path}: " + "; ".join(faults)
        raise StudioError(msg)
    return source


def rule_of(rule: RuleSource, contents: tuple[str, ...]) -> Rule:
    """The rule as it is published, with the content ids of its items."""
    zone = ZoneInfo(rule.timezone)
    tzid = f"TZID={rule.timezone}"
    lines = [
        "BEGIN:VEVENT",
        f"UID:{rule.id}",
        f"DTSTAMP:{rule.start.replace(tzinfo=zone).astimezone(UTC):{_STAMP}}Z",
        f"DTSTART;{tzid}:{rule.start:{_STAMP}}",
    ]
    if rule.rrule:
        lines.append(f"RRULE:{rule.rrule}")
    if rule.exdates:
        lines.append(f"EXDATE;{tzid}:" + ",".join(f"{day:{_STAMP}}" for day in rule.exdates))
    lines.append("END:VEVENT")
    return Rule(
        id=rule.id,
        event="\r\n".join(lines),
        timezone=rule.timezone,
        contents=contents,
        series=rule.series,
        priority=rule.priority,
    )


def _faults(source: Source) -> list[str]:
    series = {one.id for one in source.series}
    items = {one.id for one in source.items}
    faults = [f"{one.id}: there is no series {one.series}" for one in source.items if one.series not in {None, *series}]
    faults += _twice("item", [one.id for one in source.items]) + _twice("rule", [one.id for one in source.rules])
    faults += _twice("series", [one.id for one in source.series])
    for rule in source.rules:
        faults += [f"rule {rule.id}: there is no item {one}" for one in rule.items if one not in items]
        if rule.series not in {None, *series}:
            faults.append(f"rule {rule.id}: there is no series {rule.series}")
        if rule.rrule and not _RRULE.match(rule.rrule):
            faults.append(f"rule {rule.id}: {rule.rrule!r} is no RRULE that begins with FREQ= (HOURLY at the most)")
        try:
            ZoneInfo(rule.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            faults.append(f"rule {rule.id}: there is no time zone {rule.timezone}")
    return faults


def _twice(kind: str, names: list[str]) -> list[str]:
    return [f"{kind} {name} stands there twice" for name in sorted({name for name in names if names.count(name) > 1})]
