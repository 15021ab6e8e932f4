"""A library as large as the field's: 1,440 videos with titles in six languages, and as many bulletins as wanted."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from estation_box.drivers.library_writer import LibraryWriter
from estation_wire import stick as layout
from estation_wire.blocks import content_id, digest
from estation_wire.bulletins import BULLETINS_NAME, Bulletin, Bulletins
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME, Catalogue, Item
from studio.keyring import Keyring
from studio.repository import Repository
from studio.stick import write_stick
from tests.support.library import NOW, Made

VIDEOS: Final = 1440
BULLETINS: Final = 4400
LANGUAGES: Final = ("zh-Hans", "ug-Arab", "kk-Arab", "ky-Arab", "srh", "en")
TITLES: Final = {language: f"{language} 科普节目的题目" for language in LANGUAGES}


def tiny_film(number: int) -> bytes:
    """A film of a few bytes, another one for each number."""
    return b"\0\0\0\x20ftyp" + random.Random(number).randbytes(100)


def lengthen(made: Made, videos: int, bulletins: int = 0, films: dict[str, bytes] | None = None) -> None:
    """Make the library of ``made`` as long as the field's, sign it, and write its stick anew.

    The items are ``films`` (their bytes by content id), or ids that nobody has films of.
    """
    sizes = {content: len(data) for content, data in films.items()} if films is not None else None
    publish_more(made, videos, bulletins, sizes)


def publish_more(made: Made, videos: int, bulletins: int = 0, sizes: dict[str, int] | None = None) -> None:
    """The same, with the films' bytes told as ``sizes`` by content id."""
    repository = Repository(made.studio / "repository", Keyring(made.studio / "keys"))
    names = (CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME, BULLETINS_NAME)
    documents = {name: repository.document(name) for name in names}
    catalogue = msgspec.json.decode(documents[CATALOGUE_NAME], type=Catalogue)
    first = catalogue.items[0]
    ids = sizes if sizes is not None else {f"{number:064x}": first.size for number in range(1, videos)}
    more = tuple(_item(first, content, size) for content, size in ids.items())
    longer = msgspec.structs.replace(catalogue, version=2, items=(*catalogue.items, *more))
    signed = {**documents, CATALOGUE_NAME: msgspec.json.encode(longer)}
    if bulletins:
        notices = Bulletins(v=1, version=2, bulletins=tuple(_bulletin(number) for number in range(bulletins)))
        signed[BULLETINS_NAME] = msgspec.json.encode(notices)
    repository.publish(signed, NOW)
    write_stick(made.studio, made.stick)


def tiny_films(count: int) -> dict[str, bytes]:
    """So many films by content id."""
    return {content_id(digest(data)): data for data in map(tiny_film, range(count))}


def put_on(stick: Path, films: dict[str, bytes]) -> None:
    """Have the stick carry these too."""
    for content, data in films.items():
        (stick / layout.content(content)).write_bytes(data)
        (stick / layout.block_list(content)).write_bytes(digest(data))


def hold(state: Path, films: dict[str, bytes]) -> None:
    """Have the box whose folder is ``state`` hold these, as if it had taken them one by one."""
    with LibraryWriter(state / "library.db") as books:
        for content, data in films.items():
            (state / "cache" / content).write_bytes(data)
            books.have(content, len(data), digest(data))


def _item(like: Item, content: str, size: int) -> Item:
    return msgspec.structs.replace(like, id=content, size=size, titles=TITLES)


def _bulletin(number: int) -> Bulletin:
    return Bulletin(
        id=f"notice-{number}", priority="emergency" if number % 100 == 0 else "normal", titles=TITLES,
        texts=dict.fromkeys(LANGUAGES, "今晚有大风，请收好东西。" * 4), issued=NOW + timedelta(minutes=number),
        not_after=NOW + timedelta(days=30),
    )  # fmt: skip
