"""A stick with a stick's own troubles: write-protected, full, or pulled in the middle of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from estation_box.drivers.folder import Folder, StickFile
from estation_box.library import said
from estation_box.library.interfaces import UnreadableError, UnwritableError


class _Pulled:
    """How many bytes the stick still gives before somebody pulls it; None: nobody does."""

    def __init__(self, after: int | None) -> None:
        self.left = after
        self.read = 0

    def took(self, count: int) -> None:
        """Raise `UnreadableError` once the stick is gone."""
        self.read += count
        if self.left is not None:
            self.left -= count
            if self.left < 0:
                raise UnreadableError(said.UNREADABLE, "pulled")


class _File:
    """See `OpenFile`."""

    def __init__(self, file: StickFile, pulled: _Pulled) -> None:
        self._file = file
        self._pulled = pulled
        self.size = file.size

    def readinto(self, buffer: memoryview, /) -> int:
        """See `OpenFile.readinto`."""
        count = self._file.readinto(buffer)
        self._pulled.took(count)
        return count

    def seek(self, offset: int, /) -> None:
        """See `OpenFile.seek`."""
        self._pulled.took(0)
        self._file.seek(offset)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.__exit__()


class TroubledStick:
    """See `Stick`: the files of a real folder. ``room``: bytes that may be written; ``pulled_after``: bytes read."""

    def __init__(
        self, root: Path, *, read_only: bool = False, room: int | None = None, pulled_after: int | None = None
    ) -> None:
        self._folder = Folder(root)
        self._read_only = read_only
        self._room = room
        self._pulled = _Pulled(pulled_after)

    @property
    def bytes_read(self) -> int:
        """How much was read of opened files so far."""
        return self._pulled.read

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.__exit__()

    def open(self, name: str) -> _File:
        """See `Stick.open`."""
        self._pulled.took(0)
        return _File(self._folder.open(name), self._pulled)

    def read(self, name: str, limit: int) -> bytes:
        """See `Stick.read`."""
        self._pulled.took(0)
        return self._folder.read(name, limit)

    def names(self, folder: str, limit: int) -> tuple[str, ...]:
        """See `Stick.names`."""
        self._pulled.took(0)
        return self._folder.names(folder, limit)

    def write(self, name: str, data: bytes) -> None:
        """See `Stick.write`."""
        self._pulled.took(0)
        if self._read_only:
            raise UnwritableError(said.READ_ONLY, name)
        if self._room is not None:
            if len(data) > self._room:
                raise UnwritableError(said.STICK_FULL, name)
            self._room -= len(data)
        self._folder.write(name, data)
