"""The small file by which core asks for work. It stays until the work is done: who is killed is started again."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from estation_box.library.sync_words import SyncRequest
from estation_wire.decoding import decoder

LIMIT_BYTES: Final = 8 * 1024  # a path of 4 kB at most, and its names
log = logging.getLogger(__name__)


class Asked(NamedTuple):
    """The request (None where there is none, or none that makes sense), and which file it is (0: none)."""

    request: SyncRequest | None
    file: int


def asked(path: Path) -> Asked:
    """What lies at ``path``; a link or a pipe is not opened, and makes no sense. Raises `OSError`."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            log.warning("the request is no plain file")
            return Asked(None, status.st_ino)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return Asked(None, 0)
    with os.fdopen(descriptor, "rb") as file:
        number = os.fstat(descriptor).st_ino  # core may have put another there meanwhile
        try:
            return Asked(decoder(SyncRequest).decode(file.read(LIMIT_BYTES)), number)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            log.warning("the request makes no sense: %s", error)
            return Asked(None, number)


def answered(path: Path, file: int) -> None:
    """Remove the request, unless core has put another in its place meanwhile. Raises `OSError`."""
    with contextlib.suppress(FileNotFoundError):
        if path.lstat().st_ino == file:
            path.unlink()
