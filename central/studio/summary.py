"""What a signature would change, in words for the person who signs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from estation_wire.audience import Place
from estation_wire.bulletins import Bulletins
from estation_wire.expansion import AHEAD, closures, expand
from estation_wire.hours import Calendar, Hours
from estation_wire.library import Catalogue, Item, Programme, words
from estation_wire.planner import SENTENCES, Judged, Length, Why, preview
from estation_wire.profile import Profile

LANGUAGES: Final = ("zh-Hans", "en")
MIB: Final = 1024 * 1024
NOWHERE: Final = Place(kind="village", region="000000")


class Library(NamedTuple):
    """The three documents that people read; None where nothing was published yet."""

    catalogue: Catalogue | None
    programme: Programme | None
    bulletins: Bulletins | None


class Session(NamedTuple):
    """One line of the fortnight: local time, minutes, titles, whether it is shown, and why or why not."""

    at: datetime
    minutes: float
    titles: tuple[str, ...]
    shown: bool
    why: tuple[str, str]


def changes(old: Library, new: Library) -> Iterator[str]:
    """New, changed and gone: films, rules, playlists, closed weeks, notices."""
    before = {one.id: one for one in old.catalogue.items} if old.catalogue else {}
    after = {one.id: one for one in new.catalogue.items} if new.catalogue else {}
    yield from (f"新增节目 · new film: {_item(one)}" for key, one in after.items() if key not in before)
    yield from (
        f"修改节目 · changed film: {_item(one)}" for key, one in after.items() if key in before and before[key] != one
    )
    banned = frozenset(new.catalogue.recalled) if new.catalogue else frozenset()
    for key, one in before.items():
        if key not in after:
            yield (
                f"召回节目 · recalled film: {_item(one)}" if key in banned else f"撤下节目 · gone film: {_item(one)}"
            )
    was, is_ = old.programme, new.programme
    yield from _of("rule", was.rules if was else (), is_.rules if is_ else ())
    yield from _of("playlist", was.playlists if was else (), is_.playlists if is_ else ())
    yield from _of("notice", old.bulletins.bulletins if old.bulletins else (), _notices(new))
    weeks = {f"{one.week} ({one.reason})" for one in was.closed} if was else set()
    closed = {f"{one.week} ({one.reason})" for one in is_.closed} if is_ else set()
    yield from (f"停播周 · closed week: {week}" for week in sorted(closed - weeks))
    yield from (f"恢复播放 · open again: {week}" for week in sorted(weeks - closed))


def fortnight(library: Library, begin: datetime, profile: Profile | None = None) -> list[Session]:
    """What a station shows in the fortnight from ``begin``; without a profile, a village without opening hours."""
    catalogue, programme = library.catalogue, library.programme
    if catalogue is None or programme is None or not programme.rules:
        return []
    place = profile.place if profile else _example(programme)
    zone = ZoneInfo(profile.timezone if profile else programme.rules[0].timezone)
    hours = Hours(profile.calendar if profile else Calendar(), zone, closures(programme, place))
    least = float(profile.minimum.seconds) if profile else 0.0
    lengths = {item.id: Length(item.seconds, item.counting) for item in catalogue.items}
    expanded = expand(programme, place, hours, lengths, after=begin, until=begin + AHEAD, minimum_seconds=least)
    titles = {item.id: words(item.titles, LANGUAGES) for item in catalogue.items}
    return [_session(judged, titles, zone) for judged in preview(expanded.slots, hours, least)]


def lines(old: Library, new: Library, begin: datetime, profile: Profile | None = None) -> Iterator[str]:
    """The summary as it is printed and kept."""
    found = list(changes(old, new))
    yield from found or ["没有变化 · nothing changes in films, rules and notices"]
    where = profile.name if profile else "示例村 · a village without opening hours"
    yield f"未来两周 · the fortnight from {begin:%Y-%m-%d}, {where}:"
    sessions = fortnight(new, begin, profile)
    for one in sessions:
        told = "、".join(one.titles[:3]) + (" …" if len(one.titles) > 3 else "")
        reason = "" if one.shown else f"  不播放 · not shown: {one.why[0]} · {one.why[1]}"
        yield f"  {one.at:%a %d %b %H:%M}  {one.minutes:4.0f} min  {told}{reason}"
    if not sessions:
        yield "  没有播放 · nothing is shown"


def _session(judged: Judged, titles: Mapping[str, str], zone: ZoneInfo) -> Session:
    slot = judged.slot
    told = tuple(titles.get(content, content[:8]) for content in slot.contents)
    return Session(
        slot.start.astimezone(zone), slot.length / 60, told, judged.why is Why.PLANNED, SENTENCES[judged.why]
    )


def _example(programme: Programme) -> Place:
    """A village that the first rule with an audience is meant for."""
    for rule in programme.rules:
        if rule.audience.regions or rule.audience.kinds:
            kind = rule.audience.kinds[0] if rule.audience.kinds else "village"
            return Place(kind=kind, region=(rule.audience.regions or (NOWHERE.region,))[0])
    return NOWHERE


def _notices(library: Library) -> tuple[Struct, ...]:
    return library.bulletins.bulletins if library.bulletins else ()


def _of(kind: str, old: Iterable[Struct], new: Iterable[Struct]) -> Iterator[str]:
    before = {str(getattr(one, "id", "")): one for one in old}
    after = {str(getattr(one, "id", "")): one for one in new}
    yield from (f"新增 · new {kind}: {name}" for name in after if name not in before)
    yield from (
        f"修改 · changed {kind}: {name}" for name, one in after.items() if name in before and before[name] != one
    )
    yield from (f"撤下 · gone {kind}: {name}" for name in before if name not in after)


def _item(item: Item) -> str:
    counted = ", counts" if item.counts else ""
    size = f"{item.seconds / 60:.1f} min, {item.size / MIB:.1f} MiB"
    return f"{words(item.titles, LANGUAGES)} ({item.kind}, {size}{counted})"
