"""The bytes of the card's films, read from the card itself."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from estation_box.library import said
from estation_box.library.card_interfaces import Place
from estation_box.library.interfaces import CardError
from estation_wire.blocks import BLOCK_BYTES

ROTTEN: Final = frozenset({errno.EIO, errno.ENODATA, errno.EBADMSG, errno.EILSEQ})
"""How a card says that it cannot read back what it was given."""


class CardFiles:
    """See `FilmFiles`."""

    def __init__(self, folder: Path) -> None:
        """Read what lies in ``folder``."""
        self._folder = folder
        self._buffer = memoryview(bytearray(BLOCK_BYTES))

    def size(self, content: str) -> int:
        """See `FilmFiles.size`."""
        try:
            return (self._folder / content).lstat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error

    def block(self, place: Place, length: int) -> memoryview | None:
        """See `FilmFiles.block`.

        ``POSIX_FADV_DONTNEED`` has the kernel forget the clean pages of the range, so that they are read anew. That
        proves what the card answers now, through cable and controller. It proves nothing where somebody has just
        written the page or maps it (the kernel keeps it), nor what the card's own cache holds; and a cell that answers
        to-day may be gone to-morrow: therefore the round begins anew every month. Once more behind the reading, so that
        a night of it does not push out of the memory what the box works with.
        """
        at = place.block * BLOCK_BYTES
        try:
            descriptor = os.open(self._folder / place.content, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                os.posix_fadvise(descriptor, at, length, os.POSIX_FADV_DONTNEED)
                got = 0
                while got < length and (count := os.preadv(descriptor, [self._buffer[got:length]], at + got)):
                    got += count
                os.posix_fadvise(descriptor, at, length, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in ROTTEN:
                return None
            raise CardError(said.BOX_FAULT, str(error)) from error
        return self._buffer[:length] if got == length else None
