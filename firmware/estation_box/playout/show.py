"""One session as values: its clips, how far each has come, and what the journal shall say of it. Pure.

What was really shown of a clip is the sum over every player process that showed it: ``carried`` by those
that are gone, ``shown`` by the one that runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from estation_box.clock.moment import Moment
from estation_box.playout import still_cards, tracks
from estation_box.playout.attendance import Coming
from estation_box.playout.player_words import Entry, EntryState, State
from estation_wire import languages as languages_
from estation_wire.library import Form, Item, words
from estation_wire.profile import Access
from estation_wire.values import Origin, Tv

COMPLETED_SHARE: Final = 0.9  # of the clip's own seconds, as probed at publishing: `eof` alone proves nothing
FAULT_CHARACTERS: Final = 200
RECALLED: Final = "recalled"

End = Literal["eof", "error", "skipped", "rest"]


class Clip(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item of a session: what it is, and how far it has come. ``began_at``: where this part took it up.

    ``gain``: decibels that make it as loud as all others. ``lines``: the words that are set over a still.
    """

    content: str
    path: str
    kind: Literal["video", "still"]
    title: str
    has: float
    counting: bool
    fps: float | None = None
    audio: int | None = None
    subtitles: int | None = None
    language: str | None = None
    subtitle_language: str | None = None
    of: str = ""
    """The film that was asked for, where this is another version of it."""
    gain: float = 0.0
    form: Form | None = None
    lines: tuple[str, ...] = ()
    link: str = ""
    carried: float = 0.0
    shown: float = 0.0
    position: float = 0.0
    began_at: float = 0.0
    end: End | None = None
    error: str = ""

    @property
    def left_at_start(self) -> float:
        """Seconds that this part could show of the clip."""
        return max(self.has - self.began_at, 0.0)

    @property
    def total(self) -> float:
        """Seconds really shown by all players; never more than the clip has."""
        return min(self.carried + self.shown, self.left_at_start)

    @property
    def completed(self) -> bool:
        """Shown to its end, nearly all of it."""
        return self.end == "eof" and self.total >= COMPLETED_SHARE * self.left_at_start

    @property
    def doubtful(self) -> bool:
        """It broke off, as a film does whose bytes the card does not give back."""
        broke = (self.end == "error" and self.error != RECALLED) or (self.end == "eof" and not self.completed)
        return broke and self.kind == "video"


class Show(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One session, or one part of it after an interruption. ``began`` is None until the first frame is due."""

    session: str
    origin: Origin
    clips: tuple[Clip, ...]
    part: int = 1
    series: str = ""
    rule: str | None = None
    planned: datetime | None = None
    began: Moment | None = None
    tv: Tv = Tv.UNKNOWN
    repairs: int = 0
    coming: Coming | None = None
    counted: int | None = None
    """By a person, or by the door in an earlier life of core."""

    @property
    def attendance(self) -> int | None:
        """How many came: whoever counted goes before the door."""
        return self.counted if self.counted is not None or self.coming is None else self.coming.number

    @property
    def shown(self) -> float:
        """Seconds shown in this part."""
        return sum(clip.total for clip in self.clips)

    @property
    def counting(self) -> float:
        """Seconds shown in this part of items that count for the weekly minimum."""
        return sum(clip.total for clip in self.clips if clip.counting)

    @property
    def length(self) -> float:
        """Seconds that the clips have together."""
        return sum(clip.has for clip in self.clips)

    @property
    def current(self) -> Clip | None:
        """The first clip that has not ended."""
        return next((clip for clip in self.clips if clip.end is None), None)


def clip_of(
    item: Item,
    path: str,
    languages: tuple[str, ...],
    subtitles: tuple[str, ...],
    access: tuple[Access, ...] = (),
    *,
    of: str = "",
) -> Clip:
    """The clip of a catalogue item, with the tracks and the words of the station's languages chosen.

    ``of``: the film that was asked for.
    """
    chosen = tracks.choose(item, languages, subtitles, access)
    read = languages_.of(item.texts, languages) or next(iter(item.texts), None)
    return Clip(
        content=item.id,
        path=path,
        kind="still" if item.kind == "still" else "video",
        title=words(item.titles, languages),
        has=item.seconds,
        counting=item.counts and item.kind == "video",
        fps=item.fps,
        audio=chosen.audio,
        subtitles=chosen.subtitles,
        language=chosen.language,
        subtitle_language=chosen.subtitle_language,
        gain=tracks.gain(item.loudness_lufs),
        of=of if of != item.id else "",
        form=item.form,
        lines=item.texts[read] if read is not None and item.kind == "still" else (),
        link=item.link,
    )


def spoken(
    show: Show,
    items: Mapping[str, Item],
    languages: tuple[str, ...],
    subtitles: tuple[str, ...],
    access: tuple[Access, ...] = (),
) -> Show:
    """The show with the tracks of other languages, for this one showing; clips that are over stay as they were."""

    def other(clip: Clip) -> Clip:
        if clip.end is not None or clip.content not in items:
            return clip
        chosen = tracks.choose(items[clip.content], languages, subtitles, access)
        return replace(clip, **chosen._asdict())

    return replace(show, clips=tuple(other(clip) for clip in show.clips))


def entries(show: Show) -> tuple[Entry, ...]:
    """What the player shall play: every clip that has not ended, from where it was."""
    return tuple(
        Entry(
            id=str(index),
            path=clip.path,
            kind=clip.kind,
            seconds=max(clip.left_at_start - clip.total, 0.1) if clip.kind == "still" else clip.has,
            position=clip.position if clip.kind == "video" else 0.0,
            fps=clip.fps,
            audio=clip.audio,
            subtitles=clip.subtitles,
            gain=clip.gain,
            words=still_cards.over(clip.form, clip.title, clip.lines, clip.link),
        )
        for index, clip in enumerate(show.clips)
        if clip.end is None
    )


def absorb(show: Show, state: State) -> Show:
    """The show with what the player tells of it. Entries that it does not know stay as they were."""
    told = {entry.id: entry for entry in state.entries}
    clips = tuple(
        _absorbed(clip, told[str(index)]) if str(index) in told and clip.end is None else clip
        for index, clip in enumerate(show.clips)
    )
    return replace(show, clips=clips)


def _absorbed(clip: Clip, entry: EntryState) -> Clip:
    return replace(
        clip,
        shown=max(clip.shown, entry.shown),
        position=max(clip.position, entry.position),
        end=entry.end,
        error=entry.error[:FAULT_CHARACTERS],
    )


def carried_over(show: Show) -> Show:
    """The show after its player is gone: what it showed is kept, the next player counts from zero."""
    clips = tuple(replace(clip, carried=clip.carried + clip.shown, shown=0.0) for clip in show.clips)
    return replace(show, clips=clips)


def given_up(show: Show, reason: str) -> Show:
    """The show with its current clip ended as broken."""
    clips = list(show.clips)
    for index, clip in enumerate(clips):
        if clip.end is None:
            clips[index] = replace(clip, end="error", error=reason[:FAULT_CHARACTERS])
            break
    return replace(show, clips=tuple(clips))


def without(show: Show, contents: frozenset[str], reason: str) -> Show:
    """The show with every clip of ``contents`` that has not ended ended for this reason."""
    why = reason[:FAULT_CHARACTERS]
    clips = tuple(
        replace(clip, end="error", error=why) if clip.end is None and clip.content in contents else clip
        for clip in show.clips
    )
    return replace(show, clips=clips)


def cut_short(show: Show) -> Show:
    """The show ended here: clips that had begun are ended as such, the others were never shown."""
    clips = tuple(replace(clip, end="rest") if clip.end is None and clip.total > 0 else clip for clip in show.clips)
    return replace(show, clips=clips)


def newly_ended(before: Show, after: Show) -> list[Clip]:
    """The clips that ended between the two, in order."""
    return [new for old, new in zip(before.clips, after.clips, strict=True) if old.end is None and new.end is not None]


def next_part(show: Show) -> Show | None:
    """The part that goes on after an interruption: what was not shown to its end, from where it was."""
    rest = tuple(
        replace(clip, began_at=_reached(clip), position=_reached(clip), carried=0.0, shown=0.0, end=None)
        for clip in show.clips
        if clip.end is None or clip.end == "rest"
    )
    if not rest:
        return None
    return replace(show, clips=rest, part=show.part + 1, began=None, repairs=0, coming=None, counted=None)


def _reached(clip: Clip) -> float:
    """How far into the clip the viewers are, in seconds of the clip."""
    return clip.position if clip.kind == "video" else clip.began_at + clip.total
