"""How far the running session has come, in one small document that is written in place every 30 s. Pure.

At boot it tells what a power cut interrupted: the minutes that people saw are not lost, and with power
back within 30 minutes the session goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from estation_box.clock.moment import Moment
from estation_box.playout import show as shows
from estation_box.playout.show import Clip, Show
from estation_wire.counts import RESUME_WITHIN
from estation_wire.decoding import decoder
from estation_wire.records import AttendanceCounted, ClipShown, Record, SessionEnded, SessionStarted

MAX_BYTES: Final = 48 * 1024  # 100 clips with long titles; a usual session has 3 and needs 2 kB


class Checkpoint(Struct, frozen=True, kw_only=True):
    """The show as it was at ``saved``; ``player`` is the random id of the player process that ran it."""

    show: Show
    saved: Moment
    player: str

    @property
    def waits(self) -> bool:
        """Whether it is the rest of a session that was to go on, and had not begun again."""
        return self.show.began is None


def encode(show: Show, saved: Moment, player: str) -> bytes:
    """The document; paths and titles of clips that are over are left out, they are in the journal."""
    clips = tuple(replace(clip, title="", path="") if clip.end is not None else clip for clip in show.clips)
    whole = msgspec.json.encode(Checkpoint(show=replace(show, clips=clips), saved=saved, player=player))
    if len(whole) <= MAX_BYTES:
        return whole
    bare = tuple(replace(clip, lines=(), link="") for clip in clips)  # so many cards: the pictures alone go on
    return msgspec.json.encode(Checkpoint(show=replace(show, clips=bare), saved=saved, player=player))


def decode(document: bytes | None) -> Checkpoint | None:
    """The checkpoint of a session that was not ended; None where none ran or the document is damaged."""
    if not document or len(document) > MAX_BYTES:
        return None
    try:
        return decoder(Checkpoint).decode(document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


class Rest(NamedTuple):
    """What is left of a session that a cut broke off, and when it was last seen to run."""

    show: Show
    saved: Moment


def resumable(show: Show, saved: Moment, now: Moment) -> Rest | None:
    """The part with which a session goes on that was interrupted at ``saved``; None where it is too late or over."""
    part = shows.next_part(show)
    return Rest(part, saved) if part is not None and in_time(saved, now) else None


def in_time(saved: Moment, now: Moment) -> bool:
    """Whether a session goes on that was broken off at ``saved``, as far as anybody can tell."""
    return now.at - saved.at <= RESUME_WITHIN


def waiting(rest: Rest | None) -> bytes:
    """The document of a rest that waits to go on; empty where none does."""
    return b"" if rest is None else encode(rest.show, rest.saved, "")


class Reconciled(NamedTuple):
    """A checkpoint brought up to what the journal already holds, so that nothing is written twice."""

    show: Show
    started: bool
    ended: bool


def reconcile(show: Show, records: Iterable[Record]) -> Reconciled:
    """The show with every clip ended that the journal has told of in this part; ``records`` in their order.

    A kill can fall between a record and the checkpoint after it: then the journal knows more.
    """
    started, ended, counted = False, False, show.counted
    told: list[ClipShown] = []
    for record in records:
        if isinstance(record, SessionStarted) and record.session == show.session and record.part == show.part:
            started, told = True, []
        elif started and isinstance(record, ClipShown) and record.session == show.session:
            told.append(record)
        elif isinstance(record, SessionEnded) and record.session == show.session:
            ended = ended or record.part == show.part
        elif isinstance(record, AttendanceCounted) and record.session == show.session and started:
            counted = record.number
    clips = list(show.clips)
    for record in told:
        _mark(clips, record)
    return Reconciled(replace(show, clips=tuple(clips), counted=counted), started, ended)


def _mark(clips: list[Clip], told: ClipShown) -> None:
    """End the first clip of that content which the checkpoint holds open, unless it holds this very end."""
    same = [index for index, clip in enumerate(clips) if clip.content == told.content]
    if any(clips[index].end is not None and round(clips[index].total, 2) == told.shown for index in same):
        return
    for index in same:
        if clips[index].end is None:
            clips[index] = replace(
                clips[index], end="eof" if told.completed else "skipped", shown=told.shown, carried=0.0
            )
            return
