"""One file of the editor's: what of it is published, copied by content, and told to the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from msgspec.structs import replace

from estation_wire.blocks import content_id
from estation_wire.library import Item, Poster, Track, Use
from studio import still
from studio.checking import card_of
from studio.files import block_list_of, copy_whole, need_room, write_whole
from studio.house_profile import TO_DO, Declared, Kind, judge
from studio.probe import Probed, Refused
from studio.source import ItemSource
from studio.workshop import Workshop

CARDS: Final = "cards"  # beside the repository: pictures that the studio drew for words
SILENCE_LUFS: Final = -70.0  # EBU R 128 hears nothing below


class Fit(NamedTuple):
    """What is published of an editor's file: its path, what it is, its small faults, its tracks' loudness in LUFS."""

    path: Path
    probed: Probed
    kind: Kind
    told: list[str]
    heard: tuple[float | None, ...]


def _fit(path: Path, source: ItemSource, workshop: Workshop, declared: Declared) -> Fit:
    """The file to publish: the editor's, or what the workshop made of it."""
    before = workshop.made(path, declared, card_of(path, source)) if path.is_file() else None
    if before is not None:
        kind = workshop.probe(path, convertible=True).kind
        probed = workshop.probe(before[0], source.audio, source.subtitles)
        return Fit(before[0], probed, kind, [], before[1].loudness)
    probed = workshop.probe(path, source.audio, source.subtitles)
    faults = judge(probed.facts, declared)
    grave = [fault.en for fault in faults if fault.grave]
    if grave:
        raise Refused("; ".join(grave) + f": {TO_DO[0]}")
    heard = workshop.seen(path).loudness or ()
    return Fit(path, probed, probed.kind, [fault.en for fault in faults], heard)


def _loudness(heard: tuple[float | None, ...]) -> float | None:
    """The first sound track's, as the wire has it; silence measures as minus infinity."""
    level = heard[0] if heard else None
    return None if level is None else min(max(level, SILENCE_LUFS), 0.0)


def _tracks(probed: Probed, source: ItemSource) -> tuple[Track, ...]:
    """The file's tracks, with what the editor knows of their use; raises `Refused` for a number that there is not."""
    uses: dict[tuple[str, int], Use] = {("subtitles", number): "captions" for number in source.captions}
    uses |= {("audio", number): "description" for number in source.descriptions}
    for kind, number in uses.keys() - {(each.kind, each.number) for each in probed.tracks}:
        msg = f"it has no {kind} track {number}"
        raise Refused(msg, f"没有第 {number} 条{'声音' if kind == 'audio' else '字幕'}轨道")
    return tuple(replace(each, use=uses.get((each.kind, each.number), each.use)) for each in probed.tracks)


def _stored(repository: Path, path: Path) -> tuple[str, int]:
    """Copy a file into the repository by its content: its content id, and its bytes. Raises `Refused`."""
    size = path.stat().st_size
    try:
        blocks = block_list_of(path)
        identity = content_id(blocks)
        stored = repository / "content" / identity
        if not stored.is_file() or stored.stat().st_size != size:
            repository.mkdir(parents=True, exist_ok=True)
            need_room(repository, size)
            if copy_whole(path, stored, lambda _: None) != blocks:
                stored.unlink()
                msg = "it changed while it was read; try again"
                raise Refused(msg)
        write_whole(repository / "blocks" / identity, blocks)
    except OSError as error:
        msg = f"it cannot be copied: {error}"
        raise Refused(msg) from None
    return identity, size


def item_of(
    repository: Path, path: Path, source: ItemSource, workshop: Workshop, declared: Declared
) -> tuple[Item, list[str]]:
    """The catalogue's item of an editor's file, copied into ``repository``; and its small faults.

    Raises `Refused`, `StudioError`.
    """
    if not source.file:
        path = repository.parent / CARDS / f"{source.id}.png"
        write_whole(path, still.picture(source))
    path, probed, kind, told, heard = _fit(path, source, workshop, declared)
    identity, size = _stored(repository, path)
    picture = workshop.picture(path, probed)
    name, length = _stored(repository, picture) if picture else ("", 0)
    poster = Poster(id=name, size=length) if picture else None
    item = Item(
        id=identity,
        size=size,
        kind=kind,
        titles=source.titles,
        seconds=probed.seconds or source.seconds,
        topic=source.topic,
        counts=source.counts,
        series=source.series,
        tracks=_tracks(probed, source),
        fps=probed.fps,
        loudness_lufs=_loudness(heard),
        credit=source.credit,
        licence=source.licence,
        form=source.form,
        texts=source.texts,
        link=source.link,
        signed=source.signed,
        poster=poster,
    )
    return item, told
