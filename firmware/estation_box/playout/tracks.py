"""Which sound and which captions of a clip the people here get, and how loud it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from estation_wire.hours import WEEKDAYS
from estation_wire.languages import heard_by, read_by
from estation_wire.library import Item, Track, Use
from estation_wire.profile import Access, Quiet

HOUSE_LUFS: Final = -23.0  # EBU R 128: what everything is evened to
MOST_LOUDER: Final = 6.0  # dB; more would clip the peaks of a quiet film
MOST_QUIETER: Final = -20.0  # dB; whoever measured more than that measured wrongly


class Choice(NamedTuple):
    """A clip's tracks as mpv numbers them: None leaves the sound to the file, 0 is no captions."""

    audio: int | None
    subtitles: int
    language: str | None
    subtitle_language: str | None


def choose(item: Item, spoken: Sequence[str], written: Sequence[str], access: Sequence[Access] = ()) -> Choice:
    """The tracks of ``item`` for people who speak and read these languages, in their order of preference.

    Captions come where the house has captions on (``written``), or where the deaf need them: then in a language that
    is spoken here, too.
    """
    needed: tuple[Use, ...] = tuple(each for each in access if each != "signs")
    sound = _track(item, "audio", spoken, needed)
    deaf = "captions" in access
    words = _track(item, "subtitles", (*written, *spoken) if deaf else written, needed)
    return Choice(
        audio=sound.number if sound else None,
        subtitles=words.number if words else 0,
        language=sound.language if sound else None,
        subtitle_language=words.language if words else None,
    )


def _track(item: Item, kind: str, languages: Sequence[str], needed: Sequence[Use]) -> Track | None:
    """The track in the first language that there is; what people need goes before plain, what nobody needs behind."""
    suits = heard_by if kind == "audio" else read_by
    tracks = [each for each in item.tracks if each.kind == kind]
    for wanted in languages:
        theirs = [each for each in tracks if suits(wanted, each.language)]
        if theirs:
            return min(theirs, key=lambda each: (_rank(each.use, needed), each.language != wanted))
    return None


def _rank(use: Use, needed: Sequence[Use]) -> int:
    if use in needed:
        return 0
    return 1 if use == "plain" else 2


class Voice(NamedTuple):
    """One way to follow a film: which file, in which language, whether what is seen is told, whether it is signed."""

    content: str
    language: str
    described: bool
    signed: bool


def voices(versions: Sequence[Item]) -> tuple[Voice, ...]:
    """Every way to follow a film, its plain ones first; ``versions``: the film and its others, as far as they are held.

    One that has no words at all is a way, too.
    """
    found = []
    for item in versions:
        heard = [(each.language, each.use == "description") for each in item.tracks if each.kind == "audio"]
        ways = sorted(dict.fromkeys(heard), key=lambda way: way[1]) or [("", False)]
        found += [Voice(item.id, *way, signed=item.signed is not None) for way in ways]
    return tuple(found)


def voice(item: Item, audio: int | None) -> Voice:
    """How a film is followed now, by the sound track that is heard; the file's first where none was chosen."""
    tracks = [each for each in item.tracks if each.kind == "audio"]
    heard = next((each for each in tracks if each.number == audio), tracks[0] if tracks else None)
    language, described = (heard.language, heard.use == "description") if heard else ("", False)
    return Voice(item.id, language, described, item.signed is not None)


def gain(lufs: float | None) -> float:
    """Decibels that even a clip of this measured loudness with all others; 0 where it was not measured."""
    return min(max(HOUSE_LUFS - lufs, MOST_QUIETER), MOST_LOUDER) if lufs is not None else 0.0


def quieter(quiet: Sequence[Quiet], local: datetime) -> float:
    """Decibels (none above 0) that the house's quiet hours take from the sound at ``local`` wall time."""
    day, time = WEEKDAYS[local.weekday()], f"{local:%H:%M}"
    return -float(
        max((each.quieter for each in quiet if day in each.days and each.begin <= time < each.end), default=0)
    )
