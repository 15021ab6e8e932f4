"""The videos on the card, each named by its content id; none has that name before it is verified and durable."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from estation_box.drivers.content_scrub import ROTTEN, CardFiles
from estation_box.drivers.dead_cells import set_aside
from estation_box.drivers.profile_store import sync_folder
from estation_box.library import said
from estation_box.library.card_interfaces import FilmFiles, Place
from estation_box.library.interfaces import CardError, CardFullError, OpenFile, RefusedError, Wanted
from estation_wire.blocks import BLOCK_BYTES, digest

RESERVE_BYTES: Final = 256 * 1024 * 1024  # journal of two years without the centre, and an update's working room
FLUSH_BLOCKS: Final = 16  # 16 MiB: a slow card then never has seconds of unwritten data to wait for at the end
PARTIAL: Final = ".part"
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NAME: Final = re.compile(r"[0-9a-f]{64}(?:\.part)?")


class ContentStore:
    """See `Cache`."""

    def __init__(self, folder: Path, reserve: int = RESERVE_BYTES, files: FilmFiles | None = None) -> None:
        """Use (and make) ``folder``; ``reserve`` bytes of its file system stay free. Raises `CardError`.

        ``files``: how what was mended is read back.
        """
        self._folder = folder
        self._reserve = reserve
        self._files = files or CardFiles(folder)
        with _card():
            folder.mkdir(parents=True, exist_ok=True)

    def room(self) -> int:
        """See `Cache.room`."""
        with _card():
            space = os.statvfs(self._folder)
        return space.f_bavail * space.f_frsize - self._reserve

    def partial(self, content: str) -> int:
        """See `Cache.partial`."""
        for path in (self._partial(content), self._folder / content):
            with contextlib.suppress(OSError):
                return path.stat().st_size
        return 0

    def take(self, wanted: Wanted, source: OpenFile, moved: Callable[[int], None]) -> None:
        """See `Cache.take`."""
        final, part = self._folder / wanted.id, self._partial(wanted.id)
        with _card():
            if final.exists():
                final.rename(part)  # no transaction says that it is held: verify it like an interrupted copy
            descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                try:
                    _fill(file, wanted, source, moved)
                    os.fsync(file.fileno())
                except RefusedError:
                    if os.fstat(file.fileno()).st_size == 0:  # else what is good of it waits for a better source
                        part.unlink()
                    raise
                except OSError as error:
                    if error.errno in FULL:  # the journal needs what is left, and a smaller film may still fit
                        part.unlink()
                    raise
            part.rename(final)
            sync_folder(self._folder)

    def mend(self, wanted: Wanted, bad: tuple[int, ...], source: OpenFile, moved: Callable[[int], None]) -> bool:
        """See `Cache.mend`. Killed within, a block is as bad as before: its mark goes when all of them are durable."""
        with _card():
            try:
                descriptor = os.open(self._folder / wanted.id, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                return False
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                if os.fstat(descriptor).st_size != wanted.size:
                    return False
                buffer = memoryview(bytearray(BLOCK_BYTES))
                for number in (each for each in bad if each < len(wanted.blocks)):
                    source.seek(number * BLOCK_BYTES)
                    block = _fetched(source, wanted, number, buffer)
                    file.seek(number * BLOCK_BYTES)
                    _write(file, block)
                    moved(len(block))
                os.fdatasync(descriptor)
            dead = [number for number in bad if number < len(wanted.blocks) and not self._reads_back(wanted, number)]
            if dead:  # the card does not put other cells there: the film needs another place on it
                set_aside(self._folder / wanted.id, dead, wanted.size)
        return not dead

    def _reads_back(self, wanted: Wanted, number: int) -> bool:
        length = min(BLOCK_BYTES, wanted.size - number * BLOCK_BYTES)
        block = self._files.block(Place(wanted.id, number), length)
        return block is not None and digest(block) == wanted.blocks[number]

    def files(self) -> dict[str, int]:
        """See `Cache.files`."""
        found: dict[str, int] = {}
        with _card(), os.scandir(self._folder) as entries:
            for entry in entries:
                if _NAME.fullmatch(entry.name):
                    name = entry.name.removesuffix(PARTIAL)
                    found[name] = found.get(name, 0) + entry.stat(follow_symlinks=False).st_size
        return found

    def remove(self, contents: tuple[str, ...]) -> None:
        """See `Cache.remove`."""
        with _card():
            for content in contents:
                (self._folder / content).unlink(missing_ok=True)
                self._partial(content).unlink(missing_ok=True)

    def clean(self, contents: frozenset[str], held: frozenset[str]) -> None:
        """See `Cache.clean`."""
        gone = self.files().keys() - contents
        self.remove(tuple(gone))
        with _card():
            for content in contents - held:
                with contextlib.suppress(FileNotFoundError):
                    (self._folder / content).rename(self._partial(content))

    def _partial(self, content: str) -> Path:
        return self._folder / f"{content}{PARTIAL}"


def _fill(file: BinaryIO, wanted: Wanted, source: OpenFile, moved: Callable[[int], None]) -> None:
    """Leave exactly the wanted bytes in ``file``: its good beginning stays, the rest comes from ``source``."""
    buffer = memoryview(bytearray(BLOCK_BYTES))
    good = _good_blocks(file, wanted, buffer, moved)
    at = good * BLOCK_BYTES
    file.truncate(min(at, wanted.size))
    file.seek(min(at, wanted.size))
    source.seek(at)
    for number in range(good, len(wanted.blocks)):
        block = _fetched(source, wanted, number, buffer)
        _write(file, block)
        if (number + 1) % FLUSH_BLOCKS == 0:
            os.fdatasync(file.fileno())
        moved(len(block))


def _fetched(source: OpenFile, wanted: Wanted, number: int, buffer: memoryview) -> memoryview:
    """The next block of ``source``, proved to be this one; raises `RefusedError`."""
    block = buffer[: min(BLOCK_BYTES, wanted.size - number * BLOCK_BYTES)]
    if _read(source.readinto, block) != len(block) or digest(block) != wanted.blocks[number]:
        raise RefusedError(said.HALF_COPIED, f"block {number} of {wanted.id[:12]}…")
    return block


def _good_blocks(file: BinaryIO, wanted: Wanted, buffer: memoryview, moved: Callable[[int], None]) -> int:
    """How many blocks at the beginning of an interrupted copy are right, and can be read."""
    for number, expected in enumerate(wanted.blocks):
        block = buffer[: min(BLOCK_BYTES, wanted.size - number * BLOCK_BYTES)]
        try:
            got = _read(lambda view: file.readinto(view) or 0, block)  # type: ignore[attr-defined]  # raw files have it
        except OSError as error:
            if error.errno not in ROTTEN:
                raise
            return number
        if got != len(block) or digest(block) != expected:
            return number
        moved(len(block))
    return len(wanted.blocks)


def _read(readinto: Callable[[memoryview], int], block: memoryview) -> int:
    got = 0
    while got < len(block) and (count := readinto(block[got:])):
        got += count
    return got


def _write(file: BinaryIO, block: memoryview) -> None:
    while block:
        block = block[file.write(block) :]


@contextlib.contextmanager
def _card() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise CardFullError(said.CARD_FULL, str(error)) from error
        raise CardError(said.BOX_FAULT, str(error)) from error
