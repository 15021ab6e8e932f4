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
from msgspec import Struct
from msgspec.structs import replace

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
from studio import recalls
from studio.checking import Counting, two_at_once
from studio.errors import Progress, StudioError, silent
from studio.files import write_whole
from studio.fitting import item_of
from studio.keyring import PROVISIONER, ROLES, Keyring, raw_public
from studio.probe import Refused
from studio.repository import Repository
from studio.source import ItemSource, Source, read
from studio.timing import bulletin_of, closure_of, rule_of
from studio.versions import with_versions
from studio.workshop import FOLDER as WORKSHOP
from studio.workshop import Workshop

REPOSITORY: Final = "repository"
TRUST_ROOT: Final = "root.json"
PUBLISHER: Final = "targets"
DESK: Final = "emergency"
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
    if not (folder / REPOSITORY / "metadata" / "1.root.json").exists():  # later, other keys may be in force
        for role in ROLES:
            keys.make(role, threshold if role in {"root", "targets"} else 1)
    if not keys.count(PROVISIONER):
        keys.make(PROVISIONER)
    root = folder / TRUST_ROOT
    write_whole(root, Repository(folder / REPOSITORY, keys).begin(now, threshold))
    return root


def publish(
    folder: Path, source_folder: Path, *, now: datetime, role: str = PUBLISHER, progress: Progress = silent
) -> Published:
    """Publish what ``source_folder/library.toml`` lists; files that cannot be programmes are left out and told.

    ``role``: the delegate that speaks; a desk has its bulletins only.

    Repeated, it changes nothing; interrupted, what was published before stands. Raises `StudioError`.
    """
    repository = Repository(folder / REPOSITORY, Keyring(folder / "keys"))
    if role != PUBLISHER and repository.targets(role) is None:
        msg = f"{role} is no delegate: run `estation-studio delegate` first"
        raise StudioError(msg)
    composed = compose(folder, source_folder, now=now, role=role, progress=progress)
    progress("signing", 1.0)
    changed = repository.publish(composed.documents, now, role)
    _, catalogue, programme, contents, refused, told = composed
    return Published(catalogue, programme, contents, refused, changed, told)


def compose(
    folder: Path, source_folder: Path, *, now: datetime, role: str = PUBLISHER, progress: Progress = silent
) -> Composed:
    """The documents of what ``source_folder/library.toml`` lists, its films copied; nothing is signed yet."""
    source = read(source_folder)
    keys = Keyring(folder / "keys")
    repository = Repository(folder / REPOSITORY, keys)
    items, refused, told = _items(folder / REPOSITORY, source_folder, source, progress)
    recalled = recalls.recalled(folder, repository)
    refused += [f"{word}: it was recalled, and is left out" for word, item in items.items() if item.id in recalled]
    items = {word: item for word, item in items.items() if item.id not in recalled}
    items, lone = with_versions(source, items)
    told += lone
    contents = {word: item.id for word, item in items.items()}
    rules = _rules(source, items, refused)
    new = Catalogue(v=CONTRACT_MAJOR, version=0, items=tuple(items.values()), series=source.series)
    if role == PUBLISHER:
        new = replace(new, recalled=recalled)
    catalogue = _next(repository, CATALOGUE_NAME, new, role)
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
        role,
    )
    bulletins = _next(repository, BULLETINS_NAME, _bulletins(source, contents), role)
    documents: dict[str, Struct] = {BULLETINS_NAME: bulletins}
    if not role.endswith(DESK):
        documents |= {CATALOGUE_NAME: catalogue, PROGRAMME_NAME: programme}
    if role == PUBLISHER:
        documents[PROVISIONERS_NAME] = _provisioners(source, keys)
    signed = {name_of(role, name): msgspec.json.encode(document) for name, document in documents.items()}
    return Composed(signed, catalogue.version, programme.version, contents, tuple(refused), tuple(told))


def _bulletins(source: Source, contents: dict[str, str]) -> Bulletins:
    """The notices, without the pictures that cannot be published."""
    notices = (replace(each, items=tuple(word for word in each.items if word in contents)) for each in source.bulletins)
    told = tuple(bulletin_of(each, contents) for each in notices)
    return Bulletins(v=CONTRACT_MAJOR, version=0, bulletins=told)


def _provisioners(source: Source, keys: Keyring) -> Provisioners:
    public = tuple(raw_public(key) for key in keys.keys(PROVISIONER))
    return Provisioners(v=CONTRACT_MAJOR, name=source.name, keys=public)


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
            found = item_of(repository, folder / one.file, one, workshop, source.house_profile)
        except Refused as error:
            found = None, [str(error)]
        report.done(one.file or one.id)
        return found

    items: dict[str, Item] = {}
    refused: list[str] = []
    told: list[str] = []
    for one, (item, words) in zip(listed, two_at_once(each, listed), strict=True):
        twin = next((word for word, other in items.items() if item and other.id == item.id), None)
        if item is None or twin is not None:
            why = f"it is the same file as {twin}'s" if twin else words[0]
            refused.append(f"{one.file or one.id}: {why}")
            continue
        items[one.id] = item
        told += [f"{one.file or one.id}: {word}" for word in words]
    return items, refused, told


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


def name_of(role: str, name: str) -> str:
    """What a role's document of this kind is called."""
    return name if role == PUBLISHER else f"{role}.{name}"


def _next(repository: Repository, name: str, new: D, role: str) -> D:
    """The document to publish: the one before where it says the same, else the new one, numbered one higher."""
    try:
        decode_document(type(new), msgspec.json.encode(new))
    except WireError as error:
        msg = f"no box would take this: {error}"
        raise StudioError(msg) from None
    raw = repository.document(name_of(role, name), role)
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
