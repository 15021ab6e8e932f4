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
credit = "阿克苏科协"
licence = "CC BY 4.0"
fact_checked = 2026-10-12
audio = ["zh-Hans", "en"]                # where the file itself does not say
subtitles = ["zh-Hans", "en", "ug-Arab"]
captions = [1]                           # the first subtitles tell sounds too, for the deaf

[[items]]
id = "hand-washing-signed"               # the same film for places whose profile has access = ["signs"]
file = "hand-washing-signed.mp4"
version_of = "hand-washing"              # rules name the film alone
signed = "csl"
titles = { zh-Hans = "洗手（手语）" }
topic = "health"
counts = true

[[items]]
id = "talk-about-hands"                  # a card of words needs no file
form = "discussion"
titles = { zh-Hans = "大家聊一聊" }
texts = { zh-Hans = ["为什么饭前要洗手？", "要洗多久？", "怎么教孩子？"] }
topic = "health"
seconds = 60

[[rules]]
id = "friday"
timezone = "Asia/Urumqi"
start = 2026-11-27T20:00:00              # local wall time
rrule = "FREQ=WEEKLY;BYDAY=FR"
items = ["hand-washing"]
series = "kepu-tiandi"
moved = [{ from = 2026-12-04T20:00:00, to = 2026-12-05T19:00:00 }]
audience = { kinds = ["village"], regions = ["652900"] }

[[playlists]]
id = "winter"                            # a rule names it as ``playlist``, with ``take`` and ``rotate``
items = ["hand-washing"]

[[bulletins]]
id = "cold-2026-12"
priority = "normal"
titles = { zh-Hans = "寒潮", en = "Cold wave" }
issued = 2026-12-01T08:00:00+08:00

[[closed]]
week = "2027-W06"
reason = "春节"
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from estation_wire.audience import Audience, Topic
from estation_wire.bulletins import Paragraph, Urgency
from estation_wire.library import Closure, Form, Series, Texts, Titles
from estation_wire.values import Instant, Language, Name, Title, Zone
from studio.errors import StudioError
from studio.house_profile import Declared
from studio.timing import MAX_EVENT, event_of

FILE_NAME: Final = "library.toml"
_RRULE: Final = re.compile(r"^FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY)(;[A-Z]+=[A-Z0-9,+-]+)*\Z")
_UNTIL: Final = re.compile(r";UNTIL=(?![0-9]{8}T[0-9]{6}Z(;|\Z))")
_OFTEN: Final = re.compile(r";BY(MINUTE|SECOND)=")
TrackNumber = Annotated[int, Meta(ge=1, le=32)]
OF_WORDS: Final = frozenset({"text", "discussion", "contact"})
QUESTIONS: Final = 3
Wall = Annotated[datetime, Meta(tz=False)]


class AudienceSource(Audience, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See `Audience`. A word that is misspelt must not make it everybody's."""


class ClosureSource(Closure, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See `Closure`."""

    audience: AudienceSource = AudienceSource()


class ItemSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One programme, as the editor names it. ``seconds``: how long a still stands; ``card``: the picture to a sound.

    ``form``: what it is to people, see `estation_wire.library.Item`; a `text`, a `discussion` and a `contact` need no
    file. ``captions`` and ``descriptions`` number the tracks (from 1) for the deaf and the blind. ``version_of``: the
    film of which this is another version. A ``draft`` is never published. ``fact_checked``: the day on which somebody
    who knows looked at it last.
    """

    id: Name
    titles: Titles
    topic: Topic
    file: Annotated[str, Meta(max_length=255)] = ""
    form: Form | None = None
    texts: Texts = {}
    link: Annotated[str, Meta(max_length=200)] = ""
    signed: Language | None = None
    version_of: Name | None = None
    captions: Annotated[tuple[TrackNumber, ...], Meta(max_length=32)] = ()
    descriptions: Annotated[tuple[TrackNumber, ...], Meta(max_length=32)] = ()
    counts: bool = False
    series: Name | None = None
    credit: Title = ""
    licence: Title = ""
    audio: Annotated[tuple[Language, ...], Meta(max_length=32)] | None = None
    subtitles: Annotated[tuple[Language, ...], Meta(max_length=32)] | None = None
    seconds: Annotated[float, Meta(gt=0, le=3600)] = 10.0
    card: Annotated[str, Meta(max_length=255)] = ""
    draft: bool = False
    fact_checked: date | None = None


class Moved(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"old": "from", "new": "to"}):
    """One occurrence that is shown at another time, both in local wall time."""

    old: Wall
    new: Wall


class PlaylistSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named list of items, in order."""

    id: Name
    items: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=2000)]


class BulletinSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One notice; see `estation_wire.bulletins.Bulletin`. ``items``: pictures or clips that it shows."""

    id: Name
    priority: Urgency
    titles: Titles
    issued: Instant
    not_after: Instant | None = None
    texts: dict[Language, Paragraph] = {}
    items: Annotated[tuple[Name, ...], Meta(max_length=10)] = ()
    seconds: Annotated[int, Meta(ge=3, le=600)] = 30
    every_minutes: Annotated[int, Meta(ge=0, le=10080)] = 0
    audience: AudienceSource = AudienceSource()
    link: Annotated[str, Meta(max_length=200)] = ""
    wakes: bool = False


class RuleSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule: at ``start`` (local wall time) and, by ``rrule``, again; never at ``exdates``.

    ``moved``: occurrences that are shown at another time, ``{ from = …, to = … }``. What is shown is
    ``items``, or ``take`` items of a ``playlist``, going on as ``rotate`` says.
    """

    id: Name
    timezone: Zone
    start: Wall
    items: Annotated[tuple[Name, ...], Meta(max_length=100)] = ()
    playlist: Name | None = None
    take: Annotated[int, Meta(ge=0, le=100)] = 0
    rotate: Literal["no", "daily", "weekly"] = "no"
    rrule: Annotated[str, Meta(max_length=500)] = ""
    exdates: Annotated[tuple[Wall, ...], Meta(max_length=200)] = ()
    moved: Annotated[tuple[Moved, ...], Meta(max_length=100)] = ()
    audience: AudienceSource = AudienceSource()
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    series: Name | None = None
    priority: Annotated[int, Meta(ge=0, le=9)] = 5


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of ``library.toml``. ``name`` is the association's; ``house_profile`` what its films may be at most."""

    name: Title
    items: tuple[ItemSource, ...] = ()
    house_profile: Declared = "720p30"
    series: tuple[Series, ...] = ()
    rules: tuple[RuleSource, ...] = ()
    playlists: tuple[PlaylistSource, ...] = ()
    bulletins: tuple[BulletinSource, ...] = ()
    closed: tuple[ClosureSource, ...] = ()


def read(folder: Path) -> Source:
    """The ``library.toml`` of a folder; raises `StudioError`, every fault together."""
    path = folder / FILE_NAME
    try:
        source = msgspec.toml.decode(path.read_bytes(), type=Source)
    except (msgspec.MsgspecError, OSError, ValueError, RecursionError) as error:
        msg = f"{path}: {error}"
        raise StudioError(msg) from None
    faults = _faults(source)
    if faults:
        msg = f"{path}: " + "; ".join(faults)
        raise StudioError(msg)
    return source


def _faults(source: Source) -> list[str]:
    series = {one.id for one in source.series}
    items = {one.id for one in source.items}
    faults = [f"{one.id}: there is no series {one.series}" for one in source.items if one.series not in {None, *series}]
    faults += [f"item {one.id}: {fault}" for one in source.items for fault in _faults_of_item(one)]
    faults += _twice("item", [one.id for one in source.items]) + _twice("rule", [one.id for one in source.rules])
    faults += _twice("series", [one.id for one in source.series])
    faults += _faults_of_versions(source)
    playlists = {one.id for one in source.playlists}
    faults += _twice("playlist", [one.id for one in source.playlists])
    faults += _twice("bulletin", [one.id for one in source.bulletins])
    named = [(one.id, one.items) for one in source.playlists] + [(one.id, one.items) for one in source.bulletins]
    faults += [f"{name}: there is no item {one}" for name, words in named for one in words if one not in items]
    for notice in source.bulletins:
        if notice.not_after is not None and notice.not_after <= notice.issued:
            faults.append(f"bulletin {notice.id}: it is over before it begins")
    for rule in source.rules:
        faults += [f"rule {rule.id}: there is no item {one}" for one in rule.items if one not in items]
        if rule.playlist not in {None, *playlists}:
            faults.append(f"rule {rule.id}: there is no playlist {rule.playlist}")
        if rule.series not in {None, *series}:
            faults.append(f"rule {rule.id}: there is no series {rule.series}")
        faults += [f"rule {rule.id}: {fault}" for fault in _faults_of(rule)]
    return faults


def _faults_of_versions(source: Source) -> list[str]:
    """Versions hang on films, not on each other, and only the film is named: each place shows the version it needs."""
    versions = {one.id: one.version_of for one in source.items if one.version_of is not None}
    films = {one.id for one in source.items} - {*versions}
    faults = [
        f"item {one}: there is no film {film} to be a version of" for one, film in versions.items() if film not in films
    ]
    lists: list[RuleSource | PlaylistSource] = [*source.rules, *source.playlists]
    named = [(one.id, word) for one in lists for word in one.items if word in versions]
    return faults + [f"{name}: {word} is a version; name {versions[word]}" for name, word in named]


def _faults_of_item(item: ItemSource) -> list[str]:
    """What is wrong with an item in itself."""
    faults = []
    if not item.file and item.form not in OF_WORDS:
        faults.append(f"it names no file; only {', '.join(sorted(OF_WORDS))} can do without")
    if item.form in OF_WORDS and not item.texts:
        faults.append(f"a {item.form} needs texts")
    if item.form == "discussion" and any(len(lines) != QUESTIONS for lines in item.texts.values()):
        faults.append(f"a discussion has {QUESTIONS} questions in each language")
    if item.counts and item.form not in {None, "film", "animation"}:
        faults.append(f"a {item.form} never counts for the minimum: leave counts out")
    return faults


def _faults_of(rule: RuleSource) -> list[str]:
    """What is wrong with a rule in itself."""
    faults = []
    if bool(rule.items) == (rule.playlist is not None):
        faults.append("give it items, or a playlist")
    if rule.rrule and not _RRULE.match(rule.rrule):
        faults.append(f"{rule.rrule!r} is no RRULE that begins with FREQ= (HOURLY at the most)")
    if _UNTIL.search(rule.rrule):
        faults.append("UNTIL must be an instant in UTC, such as 20261231T155959Z")
    if _OFTEN.search(rule.rrule):
        faults.append("BYMINUTE and BYSECOND are not understood: the minute is that of start")
    if rule.valid_from and rule.valid_until and rule.valid_until <= rule.valid_from:
        faults.append("valid_until is not after valid_from")
    old = [moved.old for moved in rule.moved]
    faults += [f"{at} is moved twice" for at in sorted({at for at in old if old.count(at) > 1})]
    faults += [f"{at} is moved and stands in exdates" for at in sorted({*old} & {*rule.exdates})]
    try:
        if len(event_of(rule)) > MAX_EVENT:
            faults.append("it has too many exceptions: end it with UNTIL, and write another rule from then on")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(f"there is no time zone {rule.timezone}")
    return faults


def _twice(kind: str, names: list[str]) -> list[str]:
    return [f"{kind} {name} stands there twice" for name in sorted({name for name in names if names.count(name) > 1})]
