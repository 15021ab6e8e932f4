"""Videos from a source into the cache, one after the other; nothing unproved is ever held."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

from msgspec import Struct

from estation_box.library import said
from estation_box.library.interfaces import (
    Cache,
    CardError,
    CardFullError,
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
from estation_box.library.making_room import Room
from estation_box.library.pace import Speed
from estation_box.library.rules import HEAD_BYTES, known_container
from estation_box.library.said import Line
from estation_box.library.sync_words import Progress
from estation_box.words import Said
from estation_wire import blocks
from estation_wire import stick as layout
from estation_wire.errors import WireError
from estation_wire.library import words

MAX_BLOCK_LIST_BYTES: Final = blocks.MAX_BLOCKS * blocks.DIGEST_BYTES
MAX_FAULT_LINES: Final = 10  # a receipt is read by people; the rest is counted


class Copied(Struct):
    """What became of the contents so far. ``stored``: bytes by id; ``short`` of room or ``missing`` on the stick: ids.

    ``removed``: what made room for them.
    ``gone``: nothing more can be copied, since the source is ``lost`` or the card refuses.
    """

    stored: dict[str, int] = {}
    faults: list[Line] = []
    missing: list[str] = []
    short: list[str] = []
    removed: list[str] = []
    gone: bool = False
    lost: UnreadableError | None = None

    @property
    def taken(self) -> int:
        """How many were taken."""
        return len(self.stored)


class Ingest:
    """Copies what is wanted from one source. ``ready``: what comes now may be left out, and core is told so."""

    def __init__(
        self, stick: Stick, stock: Stock, cache: Cache, listener: Listener, languages: tuple[str, ...]
    ) -> None:
        self._stick = stick
        self._stock = stock
        self._cache = cache
        self._listener = listener
        self._languages = languages
        self._speed = Speed()
        self._total, self._passed, self._at = 1, 0, 0.0
        self.ready = False
        self.copied = Copied()
        self.room: Room | None = None

    def run(self, ids: Iterable[str], sizes: dict[str, int]) -> Copied:
        """Copy ``ids`` in this order; ends early where the source is gone or the card refuses."""
        ids = tuple(ids)
        self._total, self._passed, self._at = sum(sizes[content] for content in ids) or 1, 0, self._listener.up()
        for number, content in enumerate(ids, 1):
            if self.copied.gone:
                break
            sentence = said.COPYING.about(title=self._title(content), number=number, count=len(ids))
            self._one(content, sizes[content], sentence.to(self._languages))
            self._passed += sizes[content]
        return self.copied

    def _one(self, content: str, size: int, progress: str) -> None:
        copied = self.copied
        try:
            with self._stick.open(layout.content(content)) as opened:
                raw = self._checked(content, size, opened)
                if raw is None:
                    return
                wanted = Wanted(id=content, size=size, blocks=blocks.split(raw, content=content, size=size))
                source = _Counted(opened)
                told = _Moved(self, source, progress)
                bad = self._stock.bad(content)
                mended = bool(bad) and self._cache.mend(wanted, bad, source, told)
                if not mended:
                    self._cache.take(wanted, source, told)
            self._stock.have(content, size, raw)
            copied.stored[content] = min(size, len(bad) * blocks.BLOCK_BYTES) if mended else size
        except MissingError:
            copied.missing.append(content)
        except UnreadableError as error:
            copied.gone, copied.lost = True, error
            if not self.ready:
                self._fault(error.said)
        except CardFullError:
            copied.short.append(content)
        except CardError as error:
            copied.gone = True
            self._fault(error.said)
        except (RefusedError, WireError):
            self._fault(said.CONTENT_DAMAGED.about(title=self._title(content)))
        except StickError as error:
            self._fault(error.said)

    def moved(self, words: str, within: int, count: int) -> None:
        """``count`` bytes were copied since the last call (0: some were only proved), ``within`` a content by now."""
        now = self._listener.up()
        if count:
            self._speed.moved(count, now - self._at)
        self._at = now
        self.tell(words, within)

    def tell(self, words: str, within: int) -> None:
        """Tell core how far it is."""
        passed = min(self._passed + within, self._total)
        self._listener.progress(
            Progress(
                words=words,
                fraction=passed / self._total,
                ready=self.ready,
                bytes_per_second=self._speed.per_second,
                seconds_left=self._speed.seconds_left(self._total - passed),
            )
        )

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
        if not self._fits(content, size):
            self.copied.short.append(content)
            return None
        source.seek(0)
        return self._stick.read(layout.block_list(content), MAX_BLOCK_LIST_BYTES)

    def _fits(self, content: str, size: int) -> bool:
        """Whether there is room; where not, it is made if something gives way. What is to be mended needs none."""
        more = size - self._cache.partial(content)
        short = more - self._cache.room()
        if more > 0 and short > 0 and self.room is not None:
            self.copied.removed += self.room.make(content, short)
            short = more - self._cache.room()
        return more <= 0 or short <= 0

    def _fault(self, sentence: Said) -> None:
        if len(self.copied.faults) < MAX_FAULT_LINES:
            self.copied.faults.append(Line(ok=False, said=sentence))

    def _title(self, content: str) -> str:
        return title(self._stock, content, self._languages)


class _Counted:
    """See `OpenFile`; counts what is really read, since what an interrupted copy has is proved and not read again."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self.size = file.size
        self.count = 0

    def readinto(self, buffer: memoryview, /) -> int:
        """See `OpenFile.readinto`."""
        got = self._file.readinto(buffer)
        self.count += got
        return got

    def seek(self, offset: int, /) -> None:
        """See `OpenFile.seek`."""
        self._file.seek(offset)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whoever opened the file closes it."""


class _Moved:
    """Hears of every block of one content, copied or only proved, and has core told."""

    def __init__(self, ingest: Ingest, source: _Counted, words: str) -> None:
        self._ingest = ingest
        self._source = source
        self._words = words
        self._within = self._counted = 0
        ingest.tell(words, 0)

    def __call__(self, count: int) -> None:
        fresh = self._source.count - self._counted
        self._within += count
        self._counted = self._source.count
        self._ingest.moved(self._words, self._within, fresh)


def title(stock: Stock, content: str, languages: tuple[str, ...]) -> str:
    """The title of a content in the first of ``languages``; the beginning of its id where it has none."""
    item = stock.items((content,)).get(content)
    return words(item.titles, languages) if item else content[:12]


def lines_of(copied: Copied, *, needed: Iterable[str], held: int, name: str, left: int | None = None) -> list[Line]:
    """What to say of the contents; ``needed`` are those that the programme wants, ``name`` titles a missing one.

    ``left``: what this week needs is held, and so many others are not yet; None where this week's are not held.
    """
    lines = []
    if copied.taken:
        mib = max(1, round(sum(copied.stored.values()) / blocks.BLOCK_BYTES))
        lines.append(Line(ok=True, said=said.CONTENT_TAKEN.about(count=copied.taken, mib=mib)))
    if copied.removed:
        lines.append(Line(ok=True, said=said.ROOM_MADE.about(count=len(copied.removed))))
    lines += copied.faults
    if copied.short:
        lines.append(Line(ok=False, said=said.BOX_FULL.about(count=len(copied.short))))
    lacking = len(set(needed) & set(copied.missing))
    if lacking:
        lines.append(Line(ok=False, said=said.CONTENT_MISSING.about(count=lacking, title=name)))
    elif left:
        lines.append(Line(ok=True, said=said.WEEK_HELD.about(count=left)))
    elif held and not copied.gone and not copied.faults and not copied.short:
        lines.append(Line(ok=True, said=said.CONTENT_HELD.about(count=held)))
    return lines
