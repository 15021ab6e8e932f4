"""The signed documents of a library: the catalogue, the programme and the list of provisioners.

They are TUF targets with the names below. A video is never a target of its own: the catalogue names it
by its content id. ``titles`` maps a BCP 47 tag to words; the first entry is the one of last resort.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from estation_wire import languages as languages_
from estation_wire.audience import EVERYBODY, Audience, Topic
from estation_wire.decoding import decoder
from estation_wire.errors import MalformedError, NewerContractError, TooLargeError
from estation_wire.values import (
    CONTRACT_MAJOR,
    ContentId,
    Count,
    Instant,
    Language,
    Major,
    Name,
    Reason,
    Seconds,
    Title,
    Week,
    Zone,
    refuse_far,
)

CATALOGUE_NAME: Final = "catalogue.json"
PROGRAMME_NAME: Final = "programme.json"
PROVISIONERS_NAME: Final = "provisioners.json"
DOCUMENT_LIMIT_BYTES: Final = 8 * 1024 * 1024

Titles = Annotated[dict[Language, Title], Meta(min_length=1, max_length=16)]


Texts = Annotated[
    dict[Language, Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=6)]],
    Meta(max_length=16),
]
Form = Literal["film", "animation", "picture", "text", "discussion", "contact"]
Use = Literal["plain", "captions", "description"]


class Track(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One audio or subtitle track inside a file; ``number`` counts from 1 within its kind, as mpv does.

    ``use``: `captions` are subtitles that tell sounds too, for the deaf; a `description` tells the blind what is seen.
    """

    kind: Literal["audio", "subtitles"]
    number: Annotated[int, Meta(ge=1, le=32)]
    language: Language
    use: Use = "plain"


class Poster(Struct, frozen=True, kw_only=True):
    """A film's small picture (`estation_wire.picture`), a content of one block of its own."""

    id: ContentId
    size: Annotated[int, Meta(ge=1, le=64 * 1024, description="bytes")]


class Item(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One programme of the library. ``counts`` says whether it counts for the weekly minimum.

    ``loudness_lufs``: how loud its first sound track is as a whole (EBU R 128); nothing where it was not measured.
    ``kind`` says how it is shown, ``form`` what it is to people. A still may have ``texts``: a box sets them over the
    picture in its place's language, and an older one shows the picture alone. Of a `discussion` they are the questions,
    of a `contact` whom to ask; ``link`` is what a telephone reads off it. ``signed``: the sign language that the
    picture speaks. ``versions``: the same film in other files, such as one in sign language; rules name the film alone.
    ``poster``: what it is chosen by at the TV; without one it has its topic's sign.
    """

    id: ContentId
    size: Annotated[int, Meta(ge=1, le=64 * 2**30, description="bytes")]
    kind: Literal["video", "still", "audio"]
    titles: Titles
    seconds: Seconds
    topic: Topic
    counts: bool = False
    series: Name | None = None
    tracks: Annotated[tuple[Track, ...], Meta(max_length=64)] = ()
    fps: Annotated[float, Meta(gt=0, le=240)] | None = None
    loudness_lufs: Annotated[float, Meta(ge=-70, le=0)] | None = None
    credit: Title = ""
    licence: Title = ""
    form: Form | None = None
    texts: Texts = {}
    link: Annotated[str, Meta(max_length=200)] = ""
    signed: Language | None = None
    versions: Annotated[tuple[ContentId, ...], Meta(max_length=8)] = ()
    poster: Poster | None = None

    @property
    def counting(self) -> float:
        """Seconds that count for the weekly minimum; stills and audio never do."""
        return self.seconds if self.counts and self.kind == "video" else 0.0


class Series(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named run of programmes: a column, such as 科普天地."""

    id: Name
    titles: Titles


class Catalogue(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that the publisher offers. What is ``recalled`` is never shown again, and is taken off the boxes."""

    v: Major
    version: Count
    items: Annotated[tuple[Item, ...], Meta(max_length=100_000)]
    series: Annotated[tuple[Series, ...], Meta(max_length=1000)] = ()
    recalled: Annotated[tuple[ContentId, ...], Meta(max_length=10_000)] = ()


class Playlist(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named list of programmes, in order; rules take from it."""

    id: Name
    contents: Annotated[tuple[ContentId, ...], Meta(min_length=1, max_length=2000)]


class Rule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When something is shown, and to whom: RFC 5545 recurrence in local wall time with its TZID.

    ``event`` is one VEVENT with DTSTART (with TZID) and, as wanted, RRULE, RDATE, EXDATE, followed by a VEVENT with
    RECURRENCE-ID for each occurrence that is moved (DTSTART) or called off (STATUS:CANCELLED). ``timezone`` must be an
    IANA name equal to that TZID. What is shown is ``contents`` or the ``playlist``: all of it, or ``take`` items a
    session, going on by so many each local day or ISO week where ``rotate`` says so. Nothing starts before
    ``valid_from`` or from ``valid_until`` on.
    """

    id: Name
    event: Annotated[str, Meta(min_length=1, max_length=8192)]
    timezone: Zone
    contents: Annotated[tuple[ContentId, ...], Meta(max_length=100)] = ()
    playlist: Name | None = None
    take: Annotated[int, Meta(ge=0, le=100, description="items of one session; 0 is all")] = 0
    rotate: Literal["no", "daily", "weekly"] = "no"
    series: Name | None = None
    priority: Annotated[int, Meta(ge=0, le=9, description="of two that overlap the smaller number is shown")] = 5
    audience: Audience = EVERYBODY
    valid_from: Instant | None = None
    valid_until: Instant | None = None

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.valid_from, self.valid_until)


class Closure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A week in which the sites of an audience owe nothing, and why: holidays, examinations, harvest."""

    week: Week
    reason: Reason
    audience: Audience = EVERYBODY


class Programme(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is shown when."""

    v: Major
    version: Count
    rules: Annotated[tuple[Rule, ...], Meta(max_length=2000)]
    issued: Instant | None = None
    playlists: Annotated[tuple[Playlist, ...], Meta(max_length=500)] = ()
    closed: Annotated[tuple[Closure, ...], Meta(max_length=1000)] = ()

    def __post_init__(self) -> None:
        """Refuse an instant that no clock can mean."""
        refuse_far(self.issued)


class Provisioners(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The Ed25519 keys that may sign profiles: raw public keys, in hex, and the association's name."""

    v: Major
    name: Title
    keys: Annotated[tuple[Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")], ...], Meta(min_length=1, max_length=8)]


D = TypeVar("D", bound=Struct)


def decode_document(type_: type[D], raw: bytes) -> D:
    """A document of the library; raises `TooLargeError`, `NewerContractError` or `MalformedError`."""
    what = type_.__name__.lower()
    if len(raw) > DOCUMENT_LIMIT_BYTES:
        raise TooLargeError(what, len(raw), DOCUMENT_LIMIT_BYTES)
    try:
        document: Any = decoder(type_).decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        msg = f"{what}: {error}"
        raise MalformedError(msg) from None
    if document.v > CONTRACT_MAJOR:
        raise NewerContractError(document.v, CONTRACT_MAJOR)
    return document  # type: ignore[no-any-return]


def words(titles: dict[str, str], languages: tuple[str, ...]) -> str:
    """The words in the first language of ``languages`` that there is, else the publisher's first."""
    tag = languages_.of(titles, languages)
    return titles[tag] if tag is not None else next(iter(titles.values()))
