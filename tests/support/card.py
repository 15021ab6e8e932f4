"""A box's card with films on it, and a stick that has the same: the cache without studio, trust and profile."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from estation_box.drivers.content_scrub import CardFiles
from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.folder import Folder
from estation_box.drivers.library_store import LibraryStore
from estation_box.drivers.library_writer import LibraryWriter
from estation_box.library.content import Copied
from estation_box.library.interfaces import Cache, Stick
from estation_box.library.loading import Loading
from estation_box.library.rules import Demand
from estation_box.library.scrub import Found, Scrub, tidy
from estation_wire import stick as layout
from estation_wire.blocks import BLOCK_BYTES, content_id, digest
from estation_wire.library import CATALOGUE_NAME, Catalogue, Item
from tests.support.sync_box import Ears


def film(number: int, size: int) -> bytes:
    """Bytes that begin as a film does."""
    return (b"\0\0\0\x20ftyp" + random.Random(number).randbytes(size))[:size]


def block_list(data: bytes) -> bytes:
    """The SHA-256 of each block."""
    return b"".join(digest(data[at : at + BLOCK_BYTES]) for at in range(0, len(data), BLOCK_BYTES))


class SmallCache(ContentStore):
    """See `Cache`, on a card of its own with room for ``capacity`` bytes of films."""

    def __init__(self, folder: Path, capacity: int) -> None:
        super().__init__(folder, 0)
        self._capacity = capacity

    def room(self) -> int:
        """See `Cache.room`."""
        return self._capacity - sum(self.files().values())


class Card:
    """The card of one box, beneath ``folder``. ``films``: what the stick has, by content id; ``seconds`` of each."""

    def __init__(self, folder: Path, sizes: list[int], seconds: float = 60.0) -> None:
        self.state, self.stick = folder / "state", folder / "stick"
        self.cache = self.state / "cache"
        self.films = {content_id(block_list(data)): data for data in map(film, range(len(sizes)), sizes)}
        self.ids = tuple(self.films)
        self._seconds = seconds
        self.state.mkdir(parents=True, exist_ok=True)
        for content, data in self.films.items():
            for name, what in ((layout.content(content), data), (layout.block_list(content), block_list(data))):
                (self.stick / name).parent.mkdir(parents=True, exist_ok=True)
                (self.stick / name).write_bytes(what)
        self.load(self.ids)

    @classmethod
    def found(cls, folder: Path) -> Card:
        """The card that an earlier process has made, without knowing the films' bytes."""
        card = object.__new__(cls)
        card.state, card.stick = folder / "state", folder / "stick"
        card.cache = card.state / "cache"
        with card.books() as books:
            card.ids = tuple(books.contents())
        return card

    def load(self, ids: tuple[str, ...], version: int = 1, **words: object) -> None:
        """Make these the catalogue."""
        items = tuple(
            Item(
                id=content, size=len(self.films[content]), kind="video", seconds=self._seconds, topic="health",
                counts=True, titles={"en": f"Film {self.ids.index(content)}"},
            )
            for content in ids
        )  # fmt: skip
        with self.books() as books:
            books.load(
                digests={CATALOGUE_NAME: "0" * 64}, programme=None, provisioners=None, bulletins=None,
                catalogue=Catalogue(v=1, version=version, items=items, **words),
            )  # fmt: skip

    def books(self) -> LibraryWriter:
        return LibraryWriter(self.state / "library.db")

    def ingest(
        self,
        demand: Demand | None = None,
        *,
        source: Stick | None = None,
        cache: Cache | None = None,
        showing: frozenset[str] = frozenset(),
    ) -> Copied:
        """One visit of the stick (or of ``source``), everything due unless ``demand`` says other."""
        with self.books() as books, Folder(self.stick) as stick:
            loading = Loading(
                source or stick, books, cache or ContentStore(self.cache, 0), Ears(),
                demand=demand or Demand(due=self.ids), languages=("en",), showing=showing,
            )  # fmt: skip
            loading.week()
            loading.rest(free=False)
            self.said = [line.said.en for line in loading.lines()]
            return loading.copied

    def scrub(self, nights: int = 1, *, stop: Callable[[], bool] = lambda: False) -> Found:
        """One night."""
        with self.books() as books:
            return Scrub(books, CardFiles(self.cache), lambda: 0.0).night(stop, nights)

    def tidy(self) -> None:
        """What is done before the night."""
        with self.books() as books:
            tidy(books, books, ContentStore(self.cache, 0))

    def offered(self) -> set[str]:
        """What the player is offered, each proved by its bytes."""
        with LibraryStore(self.state / "library.db") as shelf:
            paths = {content: shelf.held(content) for content in self.ids}
            filling = {content for content, _ in shelf.films()}
        found = {content for content, path in paths.items() if path is not None}
        for content in found:
            assert (self.cache / content).read_bytes() == self.films[content], "a corrupt film is offered"
        assert filling <= found | {content for content in self.ids if not (self.cache / content).exists()}
        return found

    def flip(self, content: str, block: int, byte: int = 7) -> None:
        """One wrong bit on the card."""
        with (self.cache / content).open("r+b") as file:
            file.seek(block * BLOCK_BYTES + byte)
            was = file.read(1)[0]
            file.seek(block * BLOCK_BYTES + byte)
            file.write(bytes([was ^ 4]))
