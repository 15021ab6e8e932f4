"""Files written whole or not at all, and copied with a look at every block."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from estation_wire.blocks import BLOCK_BYTES, DIGEST_BYTES, digest
from studio.errors import StudioError


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put ``data`` at ``path`` durably, whole or not at all; nothing is written where it says so already."""
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)


def copy_whole(source: Path, target: Path, moved: Callable[[int], None]) -> bytes:
    """Copy a file durably, whole or not at all; ``moved`` hears of each block's bytes. Its block list."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(target)
    with source.open("rb") as reading, beside.open("wb") as writing:
        digests = bytearray()
        while block := reading.read(BLOCK_BYTES):
            digests += digest(block)
            writing.write(block)
            moved(len(block))
        writing.flush()
        os.fsync(writing.fileno())
    beside.replace(target)
    return bytes(digests)


def block_list_of(path: Path) -> bytes:
    """The block list of the file at ``path``."""
    digests = bytearray()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digests += digest(block)
    return bytes(digests)


def read_back(path: Path, blocks: bytes, moved: Callable[[int], None]) -> bool:
    """Whether the medium itself, not the machine's memory of it, gives the bytes of a block list back."""
    at = 0
    with path.open("rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # what was written and synced is forgotten
        while block := file.read(BLOCK_BYTES):
            if digest(block) != blocks[at : at + DIGEST_BYTES]:
                return False
            at += DIGEST_BYTES
            moved(len(block))
    return at == len(blocks)


def need_room(folder: Path, needed: int) -> None:
    """Raise `StudioError` where the file system of ``folder`` has not ``needed`` bytes free."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        mib = 1024 * 1024
        msg = (
            f"{folder} needs {needed // mib + 1} MiB, {free // mib} MiB are free: remove something or use a larger one"
        )
        raise StudioError(msg)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")
