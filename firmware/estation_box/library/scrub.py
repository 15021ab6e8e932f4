"""Care for what lies on the card: films are read again, by night and after one broke off; what nobody offers goes.

A block that is not what it was is marked, and its film is not shown before a stick or the network has repaired it.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from estation_box.library import said
from estation_box.library.card_interfaces import FilmBook, FilmFiles, Place
from estation_box.library.interfaces import Cache, Stock
from estation_box.library.said import Line
from estation_box.library.sync_words import Synced
from estation_wire.blocks import BLOCK_BYTES, block_count, digest, split
from estation_wire.errors import WireError

NIGHTS: Final = 30
"""In so many nights the whole card is read: cells lose their charge over months, and a film is needed each week."""
MAX_REASONS: Final = 20  # as many as `Synced` holds
NIGHT_SECONDS: Final = 300.0  # 32 GB in 30 nights are 1.1 GB, less than 2 minutes of a slow card (10 MB/s)
SAVE_EVERY: Final = 64  # blocks: a cut repeats 64 MiB, and the card is written 16 times for each GiB
MAX_BAD: Final = 64  # of one night: so many are no rotten cells, the card is dying
log = logging.getLogger(__name__)


class Found(Struct):
    """What was found: blocks ``read`` and ``bad``; films ``damaged``, or ``lost`` (file or block list).

    ``mended``: those of them that are whole again.
    """

    read: int = 0
    bad: int = 0
    damaged: set[str] = set()
    lost: set[str] = set()
    mended: set[str] = set()

    @property
    def rotten(self) -> int:
        """How many films had to be told of."""
        return len(self.damaged | self.lost)

    @property
    def dying(self) -> bool:
        """Whether the card itself is to be replaced."""
        return self.bad >= MAX_BAD

    def lines(self) -> list[Line]:
        """What to say of it."""
        lines = []
        left = self.rotten - len(self.mended)
        if left:
            lines.append(Line(ok=False, said=said.FILMS_ROTTEN.about(count=left)))
        if self.dying:
            lines.append(Line(ok=False, said=said.CARD_DYING))
        return lines


class Film(NamedTuple):
    """What the blocks of a film must be (nothing where it is lost), and which are known to be bad."""

    blocks: tuple[bytes, ...] = ()
    bad: tuple[int, ...] = ()


class Scrub:
    """Reads one night's share of the films again. ``up``: monotonic seconds. Every method raises `CardError`."""

    def __init__(self, book: FilmBook, files: FilmFiles, up: Callable[[], float]) -> None:
        self._book = book
        self._files = files
        self._up = up
        self._name, self._open = "", Film()

    def night(self, stop: Callable[[], bool], nights: int = NIGHTS) -> Found:
        """Go on where the last night ended, for the ``nights``th part of all films, at most `NIGHT_SECONDS`.

        Ends early where ``stop`` says so, within a block: somebody stands before the TV with a stick.
        """
        kept = self._book.kept()
        left = -(-sum(map(block_count, kept.values())) // nights)
        until = self._up() + NIGHT_SECONDS
        found, self._name = Found(), ""
        place = start = self._book.scrubbed()
        for place in around(kept, start):
            if found.read >= left or found.dying or self._up() >= until or stop():
                break
            if found.read and found.read % SAVE_EVERY == 0:
                self._book.scrub_on(place)
            self._look(place, kept, found)
        self._book.scrub_on(place)
        return found

    def films(self, contents: tuple[str, ...], stop: Callable[[], bool]) -> Found:
        """Read these whole, since they broke off on the screen; at most `NIGHT_SECONDS`, and as `night` ends early."""
        kept = self._book.kept()
        until = self._up() + NIGHT_SECONDS
        found, self._name = Found(), ""
        for content in contents:
            for block in range(block_count(kept.get(content, 0))):
                if found.dying or self._up() >= until or stop():
                    return found
                self._look(Place(content, block), kept, found)
        return found

    def _look(self, place: Place, kept: Mapping[str, int], found: Found) -> None:
        if place.content != self._name:
            self._name, self._open = place.content, self._film(place.content, kept[place.content], found)
        if self._open.blocks:
            self._block(place, self._open, kept[place.content], found)

    def _film(self, content: str, size: int, found: Found) -> Film:
        """A film whose list or file are not what they were is held no more.

        What is left of the file is an interrupted copy, from which the next source goes on.
        """
        try:
            blocks = split(self._book.block_list(content), content=content, size=size)
        except WireError:
            blocks = ()
        if blocks and self._files.size(content) == size:
            return Film(blocks, self._book.bad(content))
        log.warning("%s is lost", content)
        self._book.forget((content,))
        found.lost.add(content)
        return Film()

    def _block(self, place: Place, film: Film, size: int, found: Found) -> None:
        found.read += 1
        if place.block in film.bad:
            return
        block = self._files.block(place, min(BLOCK_BYTES, size - place.block * BLOCK_BYTES))
        if block is not None and digest(block) == film.blocks[place.block]:
            return
        log.warning("block %d of %s is bad", place.block, place.content)
        self._book.doubt(place)
        found.bad += 1
        found.damaged.add(place.content)


def around(kept: Mapping[str, int], start: Place) -> Iterator[Place]:
    """Every block of ``kept`` (sizes by content id) once, in the order of the ids, from ``start`` on all the way round.

    Ids are hashes: the order is nobody's, and what is added or removed meanwhile changes nothing for the others.
    """
    ids = sorted(kept)
    at = bisect_left(ids, start.content)
    inside = 0
    if at < len(ids) and ids[at] == start.content:
        inside = min(max(start.block, 0), block_count(kept[start.content]))
    for number, content in enumerate((*ids[at:], *ids[:at])):
        for block in range(0 if number else inside, block_count(kept[content])):
            yield Place(content, block)
    for block in range(inside):
        yield Place(ids[at], block)


def tidy(book: FilmBook, stock: Stock, cache: Cache) -> None:
    """Remove what the catalogue names no more. Raises `CardError`.

    Where no catalogue is loaded nothing is known of any film, and all stay: the next source brings one.
    """
    contents = stock.contents()
    if not contents:
        return
    kept = book.kept().keys()
    stock.forget(tuple(sorted(kept - contents.keys())))
    cache.clean(frozenset(contents), frozenset(kept & contents.keys()))


def mended(found: Found, book: FilmBook) -> Found:
    """The same, after a stick's visit: what it has put right needs no stick any more. Raises `CardError`."""
    whole = {content for content in found.damaged | found.lost if not book.bad(content)}
    found.mended = whole & book.kept().keys()
    return found


def told(synced: Synced, found: Found, languages: tuple[str, ...]) -> Synced:
    """What sync tells core of its work, with what was found on the card."""
    reasons = tuple(line.said.to(languages) for line in found.lines())
    if not found.rotten and not reasons:
        return synced
    return msgspec.structs.replace(
        synced,
        refused=synced.refused + len(reasons),
        reasons=(*reasons, *synced.reasons)[:MAX_REASONS],
        rotten=found.rotten,
        changed=True,  # core looks for what it still can show
    )
