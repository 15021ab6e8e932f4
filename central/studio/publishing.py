"""From an editor's folder to a signed library: probe, copy by content, write the documents, sign.

The studio's own folder::

    keys/                    private keys, 0600
    root.json                the first root: goes into the boxes' image
    repository/metadata, targets, blocks, content    the library, as it lies on a stick or a web server
    profiles/STATION.json    the signed profiles
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from estation_wire.blocks import content_id
from estation_wire.bulletins import BULLETINS_NAME, Bulletins
from estation_wire.errors import WireError
from estation_wire.library import (
    CATALOGUE_NAME,
    PROGRAMME_NAME,
    PROVISIONERS_NAME,
    Catalogue,
    Item,
    Playlist,
    Programme,
    Provisioners,
    Rule,
    decode_document,
)
from estation_wire.values import CONTRACT_MAJOR
from studio.checking import Counting, card_of, two_at_once
from studio.errors import Progress, StudioError, silent
from studio.files import block_list_of, copy_whole, need_room, write_whole
from studio.house_profile import TO_DO, Declared, Kind, judge
from studio.keyring import PROVISIONER, ROLES, Keyring, raw_public
from studio.probe import Probed, Refused
from studio.repository import Repository
from studio.source import ItemSource, Source, read
from studio.timing import bulletin_of, closure_of, rule_of
from studio.workshop import FOLDER as WORKSHOP
from studio.workshop import Workshop

REPOSITORY: Final = "repository"
TRUST_ROOT: Final = "root.json"
D = TypeVar("D", Catalogue, Programme, Bulletins)


class Published(NamedTuple):
    """What was published. ``contents``: content id by the editor's word; ``refused``: which files, and why.

    ``told``: what is published, and should be better.
    """

    catalogue: int
    programme: int
    contents: dict[str, str]
    refused: tuple[str, ...]
    changed: bool
    told: tuple[str, ...] = ()


class Composed(NamedTuple):
    """The documents as they would be signed, by name; and what `Published` tells."""

    documents: dict[str, bytes]
    catalogue: int
    programme: int
    contents: dict[str, str]
    refused: tuple[str, ...]
    told: tuple[str, ...]


def init(folder: Path, *, now: datetime, threshold: int = 1) -> Path:
    """Make a studio in ``folder``: its keys, and the first root (its path). What is there stays."""
    keys = Keyring(folder / "keys")
    for role in ROLES:
        keys.make(role, threshold if role in {"root", "targets"} else 1)
    keys.make(PROVISIONER)
    root = folder / TRUST_ROOT
    write_whole(root, Repository(folder / REPOSITORY, keys).begin(now, threshold))
    return root


def publish(folder: Path, source_folder: Path, *, now: datetime, progress: Progress = silent) -> Published:
    """Publish what ``source_folder/library.toml`` lists; files that cannot be programmes are left out and told.

    Repeated, it changes nothing; interrupted, what was published before stands. Raises `StudioError`.
    """
    composed = compose(folder, source_folder, now=now, progress=progress)
    progress("signing", 1.0)
    changed = Repository(folder / REPOSITORY, Keyring(folder / "keys")).publish(composed.documents, now)
    _, catalogue, programme, contents, refused, told = composed
    return Published(catalogue, programme, contents, refused, changed, told)


def compose(folder: Path, source_folder: Path, *, now: datetime, progress: Progress = silent) -> Composed:
    """The documents of what ``source_folder/library.toml`` lists, its films copied; nothing is signed yet."""
    source = read(source_folder)
    keys = Keyring(folder / "keys")
    repository = Repository(folder / REPOSITORY, keys)
    items, refused, told = _items(folder / REPOSITORY, source_folder, source, progress)
    rules = _rules(source, items, refused)
    listed = tuple(items.values())
    catalogue = _next(
        repository, CATALOGUE_NAME, Catalogue(v=CONTRACT_MAJOR, version=0, items=listed, series=source.series)
    )
    programme = _next(
        repository,
        PROGRAMME_NAME,
        Programme(
            v=CONTRACT_MAJOR,
            version=0,
            rules=rules,
            issued=now,
            playlists=_playlists(source, items),
            closed=tuple(closure_of(each) for each in source.closed),
        ),
    )
    notices = tuple(bulletin_of(each, {word: item.id for word, item in items.items()}) for each in source.bulletins)
    bulletins = _next(repository, BULLETINS_NAME, Bulletins(v=CONTRACT_MAJOR, version=0, bulletins=notices))
    public = tuple(raw_public(key) for key in keys.keys(PROVISIONER))
    people = Provisioners(v=CONTRACT_MAJOR, name=source.name, keys=public)
    documents = {
        CATALOGUE_NAME: msgspec.json.encode(catalogue),
        PROGRAMME_NAME: msgspec.json.encode(programme),
        PROVISIONERS_NAME: msgspec.json.encode(people),
        BULLETINS_NAME: msgspec.json.encode(bulletins),
    }
    contents = {word: item.id for word, item in items.items()}
    return Composed(documents, catalogue.version, programme.version, contents, tuple(refused), tuple(told))


def _items(
    repository: Path, folder: Path, source: Source, progress: Progress
) -> tuple[dict[str, Item], list[str], list[str]]:
    """The items by the editor's word; what is refused; what is told. Drafts are passed over."""
    listed = [one for one in source.items if not one.draft]
    report = Counting(len(listed), progress)
    workshop = Workshop(folder, writes=(folder / WORKSHOP).is_dir())

    def each(one: ItemSource) -> tuple[Item | None, list[str]]:
        found: tuple[Item | None, list[str]]
        try:
            found = _item(repository, folder / one.file, one, workshop, source.house_profile)
        except Refused as error:
            found = None, [str(error)]
        report.done(one.file)
        return found

    items: dict[str, Item] = {}
    refused: list[str] = []
    told: list[str] = []
    for one, (item, words) in zip(listed, two_at_once(each, listed), strict=True):
        twin = next((word for word, other in items.items() if item and other.id == item.id), None)
        if item is None or twin is not None:
            why = f"it is the same file as {twin}'s" if twin else words[0]
            refused.append(f"{one.file}: {why}")
            continue
        items[one.id] = item
        told += [f"{one.file}: {word}" for word in words]
    return items, refused, told


def _fit(
    path: Path, source: ItemSource, workshop: Workshop, declared: Declared
) -> tuple[Path, Probed, Kind, list[str]]:
    """The file to publish: the editor's, or what the workshop made of it; and its small faults."""
    before = workshop.made(path, declared, card_of(path, source)) if path.is_file() else None
    if before is not None:
        kind = workshop.probe(path, convertible=True).kind
        return before[0], workshop.probe(before[0], source.audio, source.subtitles), kind, []
    probed = workshop.probe(path, source.audio, source.subtitles)
    faults = judge(probed.facts, declared)
    grave = [fault.en for fault in faults if fault.grave]
    if grave:
        raise Refused("; ".join(grave) + f": {TO_DO[0]}")
    return path, probed, probed.kind, [fault.en for fault in faults]


def _item(
    repository: Path, path: Path, source: ItemSource, workshop: Workshop, declared: Declared
) -> tuple[Item, list[str]]:
    path, probed, kind, told = _fit(path, source, workshop, declared)
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
    item = Item(
        id=identity,
        size=size,
        kind=kind,
        titles=source.titles,
        seconds=probed.seconds or source.seconds,
        topic=source.topic,
        counts=source.counts,
        series=source.series,
        tracks=probed.tracks,
        fps=probed.fps,
        credit=source.credit,
        licence=source.licence,
    )
    return item, told


def _rules(source: Source, items: dict[str, Item], refused: list[str]) -> tuple[Rule, ...]:
    rules = []
    playlists = {each.id for each in _playlists(source, items)}
    for rule in source.rules:
        contents = tuple(items[word].id for word in rule.items if word in items)
        if contents or rule.playlist in playlists:
            rules.append(rule_of(rule, contents))
        else:
            refused.append(f"rule {rule.id}: none of its items can be published")
    return tuple(rules)


def _playlists(source: Source, items: dict[str, Item]) -> tuple[Playlist, ...]:
    """The playlists with what can be published of them; an empty one is left out."""
    chosen = ((each.id, tuple(items[word].id for word in each.items if word in items)) for each in source.playlists)
    return tuple(Playlist(id=name, contents=contents) for name, contents in chosen if contents)


def _next(repository: Repository, name: str, new: D) -> D:
    """The document to publish: the one before where it says the same, else the new one, numbered one higher."""
    try:
        decode_document(type(new), msgspec.json.encode(new))
    except WireError as error:
        msg = f"no box would take this: {error}"
        raise StudioError(msg) from None
    raw = repository.document(name)
    if raw is None:
        return msgspec.structs.replace(new, version=1)
    try:
        old = decode_document(type(new), raw)
    except WireError as error:
        msg = f"what was published before cannot be read ({error}): restore the studio's folder from its copy"
        raise StudioError(msg) from None
    same = {"version": old.version}
    if isinstance(old, Programme):
        same["issued"] = old.issued  # type: ignore[assignment]  # a field of the programme alone
    if msgspec.structs.replace(new, **same) == old:
        return old
    return msgspec.structs.replace(new, version=old.version + 1)
