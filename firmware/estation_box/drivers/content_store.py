"""The videos on the card, each named by its content id; none has that name before it is verified and durable."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from estation_box.drivers.profile_store import sync_folder
from estation_box.library import said
from estation_box.library.interfaces import CardError, OpenFile, RefusedError, Wanted
from estation_wire.blocks import BLOCK_BYTES, digest

RESERVE_BYTES: Final = 256 * 1024 * 1024  # journal of two years without the centre, and an update's working room
FLUSH_BLOCKS: Final = 16  # 16 MiB: a slow card then never has seconds of unwritten data to wait for at the end
PARTIAL: Final = ".part"


class ContentStore:
    """See `Cache`."""

    def __init__(self, folder: Path, reserve: int = RESERVE_BYTES) -> None:
        """Use (and make) ``folder``; ``reserve`` bytes of its file system stay free. Raises `CardError`."""
        self._folder = folder
        self._reserve = reserve
        with _card():
            folder.mkdir(parents=True, exist_ok=True)

    def room(self) -> int:
        """See `Cache.room`."""
        with _card():
            space = os.statvfs(self._folder)
        return max(0, space.f_bavail * space.f_frsize - self._reserve)

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
                except RefusedError:
                    part.unlink()
                    raise
                os.fsync(file.fileno())
            part.rename(final)
            sync_folder(self._folder)

    def clean(self, contents: frozenset[str]) -> None:
        """Remove interrupted copies of what is in no catalogue any more. Raises `CardError`."""
        with _card():
            for path in self._folder.glob(f"*{PARTIAL}"):
                if path.stem not in contents:
                    path.unlink(missing_ok=True)

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
        block = buffer[: min(BLOCK_BYTES, wanted.size - number * BLOCK_BYTES)]
        if _read(source.readinto, block) != len(block) or digest(block) != wanted.blocks[number]:
            raise RefusedError(said.HALF_COPIED, f"block {number} of {wanted.id[:12]}…")
        _write(file, block)
        if (number + 1) % FLUSH_BLOCKS == 0:
            os.fdatasync(file.fileno())
        moved(len(block))


def _good_blocks(file: BinaryIO, wanted: Wanted, buffer: memoryview, moved: Callable[[int], None]) -> int:
    """How many blocks at the beginning of an interrupted copy are right."""
    for number, expected in enumerate(wanted.blocks):
        block = buffer[: min(BLOCK_BYTES, wanted.size - number * BLOCK_BYTES)]
        if _read(lambda view: file.readinto(view) or 0, block) != len(block) or digest(block) != expected:  # type: ignore[attr-defined]  # raw files have it
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
        raise CardError(said.BOX_FAULT, str(error)) from error
