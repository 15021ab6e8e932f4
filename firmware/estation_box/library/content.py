"""Videos from the stick into the cache: what is needed first comes first, and nothing unproved is ever held."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from estation_box.library import said
from estation_box.library.interfaces import (
    Cache,
    CardError,
    Listener,
    MissingError,
    OpenFile,
    RefusedError,
    Stick,
    StickError,
    Stock,
    UnreadableError,
    Wanted,
)
from estation_box.library.rules import HEAD_BYTES, known_container
from estation_box.library.said import Line
from estation_wire import blocks
from estation_wire import stick as layout
from estation_wire.errors import WireError
from estation_wire.library import words

MAX_BLOCK_LIST_BYTES: Final = blocks.MAX_BLOCKS * blocks.DIGEST_BYTES
MAX_FAULT_LINES: Final = 10  # a receipt is read by people; the rest is counted


class Copied(Struct):
    """What became of the contents so far. ``short`` of room or ``missing`` on the stick: ids."""

    taken: int = 0
    moved: int = 0
    faults: list[Line] = []
    missing: list[str] = []
    short: list[str] = []
    gone: bool = False


class Ingest:
    """Copies what is wanted from one stick."""

    def __init__(
        self, stick: Stick, stock: Stock, cache: Cache, listener: Listener, languages: tuple[str, ...]
    ) -> None:
        self._stick = stick
        self._stock = stock
        self._cache = cache
        self._listener = listener
        self._languages = languages
        self._copied = Copied()
        self._total = 1

    def run(self, ids: list[str], sizes: dict[str, int]) -> Copied:
        """Copy ``ids`` in this order; ends early where the stick is gone or the card refuses."""
        self._total = sum(sizes[content] for content in ids) or 1
        done = 0
        for number, content in enumerate(ids, 1):
            self._copied.moved = done
            self._one(
                content,
                sizes[content],
                said.COPYING.about(title=self._title(content), number=number, count=len(ids)).to(self._languages),
            )
            done += sizes[content]
            if self._copied.gone:
                break
        return self._copied

    def _one(self, content: str, size: int, progress: str) -> None:
        copied = self._copied

        def moved(count: int) -> None:
            copied.moved += count
            self._listener.progress(progress, min(copied.moved / self._total, 1.0))

        try:
            with self._stick.open(layout.content(content)) as source:
                raw = self._checked(content, size, source)
                if raw is None:
                    return
                moved(0)
                wanted = Wanted(id=content, size=size, blocks=blocks.split(raw, content=content, size=size))
                self._cache.take(wanted, source, moved)
            self._stock.have(content, size, raw)
            copied.taken += 1
        except MissingError:
            copied.missing.append(content)
        except UnreadableError as error:
            copied.gone = True
            self._fault(error.said)
        except CardError as error:
            copied.gone = True
            self._fault(error.said)
        except (RefusedError, WireError):
            self._fault(said.CONTENT_DAMAGED.about(title=self._title(content)))
        except StickError as error:
            self._fault(error.said)

    def _checked(self, content: str, size: int, source: OpenFile) -> bytes | None:
        """The block list of a file that may be copied; None (and a line) where size, room or kind are wrong."""
        if source.size != size:
            self._fault(said.CONTENT_SHORT.about(title=self._title(content)))
            return None
        head = memoryview(bytearray(HEAD_BYTES))
        got = source.readinto(head)
        if not known_container(bytes(head[:got])):
            self._fault(said.CONTENT_STRANGE.about(title=self._title(content)))
            return None
        if size - self._cache.partial(content) > self._cache.room():
            self._copied.short.append(content)
            return None
        source.seek(0)
        return self._stick.read(layout.block_list(content), MAX_BLOCK_LIST_BYTES)

    def _fault(self, sentence: said.Said) -> None:
        if len(self._copied.faults) < MAX_FAULT_LINES:
            self._copied.faults.append(Line(ok=False, said=sentence))

    def _title(self, content: str) -> str:
        return title(self._stock, content, self._languages)


def title(stock: Stock, content: str, languages: tuple[str, ...]) -> str:
    """The title of a content in the first of ``languages``; the beginning of its id where it has none."""
    item = stock.items((content,)).get(content)
    return words(item.titles, languages) if item else content[:12]


def lines_of(copied: Copied, *, needed: Iterable[str], held: int, name: str) -> list[Line]:
    """What to say of the contents; ``needed`` are those that the programme wants, ``name`` titles a missing one."""
    lines = []
    if copied.taken:
        mib = max(1, round(copied.moved / blocks.BLOCK_BYTES))
        lines.append(Line(ok=True, said=said.CONTENT_TAKEN.about(count=copied.taken, mib=mib)))
    lines += copied.faults
    if copied.short:
        lines.append(Line(ok=False, said=said.BOX_FULL.about(count=len(copied.short))))
    lacking = len(set(needed) & set(copied.missing))
    if lacking:
        lines.append(Line(ok=False, said=said.CONTENT_MISSING.about(count=lacking, title=name)))
    elif held and not copied.faults and not copied.short:
        lines.append(Line(ok=True, said=said.CONTENT_HELD.about(count=held)))
    return lines
