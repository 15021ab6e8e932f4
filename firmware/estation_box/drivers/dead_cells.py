"""Blocks of the card that cannot be read even after they were written anew: a file keeps them, and nobody gets them.

A card of good make puts spare cells in their place when they are written; one that has none left does not.
"""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from estation_box.drivers.profile_store import sync_folder
from estation_wire.blocks import BLOCK_BYTES

SUFFIX: Final = ".dead"
_PUNCH_HOLE_KEEP_SIZE: Final = 0x3  # linux/falloc.h
_libc: Final = ctypes.CDLL(None, use_errno=True)
log = logging.getLogger(__name__)


def set_aside(film: Path, dead: Collection[int], size: int) -> None:
    """Take a film of ``size`` bytes off the shelf; only its ``dead`` blocks stay taken. Raises `OSError`."""
    number = 0
    while (kept := film.with_name(f"{film.name}.{number}{SUFFIX}")).exists():
        number += 1
    film.rename(kept)
    sync_folder(film.parent)  # before there are holes in it: never under a name that is played
    descriptor = os.open(kept, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        for block in range(-(-size // BLOCK_BYTES)):
            if block not in dead:
                _punch(descriptor, block * BLOCK_BYTES)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    log.warning("%s: %d blocks of the card are dead and stay out of use", film.name, len(dead))


def _punch(descriptor: int, at: int) -> None:
    """fallocate(2) of one block; beyond the file's end there is nothing, and it says so by doing nothing."""
    if _libc.fallocate(descriptor, _PUNCH_HOLE_KEEP_SIZE, ctypes.c_long(at), ctypes.c_long(BLOCK_BYTES)):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
