"""A county or a desk that signs on a machine of its own, and what goes between it and the publisher, as plain folders.

1. The publisher: ``delegate --hand PLACE`` makes a studio folder for the delegate there: its keys, which are then here
   no more, and the publisher's signed documents. No key of the publisher's goes along.
2. The delegate: ``prepare --role`` and ``sign --role`` on its own machine; the last signature makes ``handed/ROLE``.
3. The publisher: ``accept`` proves signatures and films, publishes, and leaves the new library in ``handed/ROLE``.
4. The delegate puts that folder back, and prepares the next.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from estation_wire.blocks import content_id
from estation_wire.errors import WireError
from estation_wire.library import CATALOGUE_NAME, Catalogue, Item, Poster, decode_document
from studio.delegation import place_of
from studio.errors import StudioError
from studio.files import block_list_of, copy_whole, need_room, write_whole
from studio.keyring import OWNER_ONLY, Keyring
from studio.preparing import HANDED, publish_given, signatures, signed_in
from studio.publishing import REPOSITORY, TRUST_ROOT, name_of
from studio.repository import Repository

LIBRARY: Final = "library"
PARTS: Final = ("metadata", "targets")


class Taken(NamedTuple):
    """What a delegate brought: its role, how many documents, how many films that were not here yet."""

    role: str
    documents: int
    films: int


def hand_over(folder: Path, role: str, place: Path) -> None:
    """Move a delegate's keys into a studio folder at ``place``, with what it needs to sign there."""
    _copy(folder / REPOSITORY, place / REPOSITORY)
    write_whole(place / TRUST_ROOT, (folder / TRUST_ROOT).read_bytes())
    (place / "keys").mkdir(mode=0o700, exist_ok=True)
    for path in Keyring(folder / "keys").paths(role):
        write_whole(place / "keys" / path.name, path.read_bytes(), OWNER_ONLY)
        path.unlink()


def accept(folder: Path, handed: Path, *, now: datetime) -> Taken:
    """Take in what a delegate signed: its signatures, every film, then publish. Raises `StudioError`.

    Interrupted, run it again: nothing counts before it is published.
    """
    role = handed.resolve().name
    place_of(role)
    repository = Repository(folder / REPOSITORY, Keyring(folder / "keys"))
    if repository.targets(role) is None:
        msg = f"{role} is no delegate: run `estation-studio delegate` first"
        raise StudioError(msg)
    metadata, documents = signed_in(handed, repository, role)
    given, threshold = signatures(repository, metadata, role)
    if len(given) < threshold:
        msg = f"{role} has {len(given)} of {threshold} signatures: let the others sign first"
        raise StudioError(msg)
    if metadata.signed.is_expired(now):
        msg = f"what {role} signed has expired: let it prepare again"
        raise StudioError(msg)
    items = _items(documents, role)
    for item in items:
        if item.poster is not None:
            _film(folder / REPOSITORY, handed, item.poster)
    films = sum(_film(folder / REPOSITORY, handed, item) for item in items)
    publish_given(folder, metadata, documents, role)
    _copy(folder / REPOSITORY, handed / LIBRARY)
    return Taken(role, len(documents), films)


def bring_back(folder: Path, role: str) -> None:
    """At the delegate's: take the publisher's answer to what was handed over last. Raises `StudioError`."""
    handed = folder / HANDED / role
    if not handed.is_dir():
        return
    if not (handed / LIBRARY / "metadata" / "timestamp.json").is_file():
        msg = f"what was signed last is not published yet: bring {handed} to the publisher, and put it back here then"
        raise StudioError(msg)
    _copy(handed / LIBRARY, folder / REPOSITORY)
    shutil.rmtree(handed)


def _items(documents: dict[str, bytes], role: str) -> tuple[Item, ...]:
    raw = documents.get(name_of(role, CATALOGUE_NAME))
    try:
        return decode_document(Catalogue, raw).items if raw is not None else ()
    except WireError as error:
        msg = f"no box would take what {role} signed: {error}"
        raise StudioError(msg) from None


def _film(repository: Path, handed: Path, item: Item | Poster) -> int:
    """Copy a film, or its small picture, that is not here yet, and prove it; 1 where it was copied."""
    target, source = repository / "content" / item.id, handed / "content" / item.id
    if target.is_file() and target.stat().st_size == item.size:
        return 0
    if not source.is_file() or source.stat().st_size != item.size or content_id(block_list_of(source)) != item.id:
        msg = f"the film {item.id[:12]} was not brought along whole: bring the folder again"
        raise StudioError(msg)
    need_room(repository, item.size)
    blocks = copy_whole(source, target, lambda _: None)
    if content_id(blocks) != item.id:
        target.unlink()
        msg = f"the film {item.id[:12]} changed while it was copied: bring the folder again"
        raise StudioError(msg)
    write_whole(repository / "blocks" / item.id, blocks)
    return 1


def _copy(source: Path, target: Path) -> None:
    """The signed documents and their metadata, the file that makes them count last."""
    for part in reversed(PARTS):
        for path in sorted((source / part).iterdir(), key=lambda path: (path.name == "timestamp.json", path.name)):
            if not path.name.startswith("."):
                write_whole(target / part / path.name, path.read_bytes())
