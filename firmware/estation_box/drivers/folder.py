"""A stick as a folder: plain files beneath its root and nothing else. A stick is hostile until proved otherwise."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Final, Self

from estation_box.drivers.beneath import open_beneath
from estation_box.library import said
from estation_box.library.interfaces import (
    MissingError,
    RefusedError,
    StickError,
    UnreadableError,
    UnwritableError,
    not_plain,
)

_MISSING: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})
_NOT_PLAIN: Final = frozenset({errno.ELOOP, errno.EXDEV, errno.ENXIO, errno.EISDIR, errno.EACCES, errno.ENODEV})
_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StickFile:
    """See `OpenFile`."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._file = os.fdopen(descriptor, "rb", buffering=0)
        self.size = size

    def readinto(self, buffer: memoryview, /) -> int:
        """See `OpenFile.readinto`."""
        try:
            return self._file.readinto(buffer) or 0
        except OSError as error:
            raise UnreadableError(said.UNREADABLE, str(error)) from error

    def seek(self, offset: int, /) -> None:
        """See `OpenFile.seek`."""
        try:
            self._file.seek(offset)
        except OSError as error:
            raise UnreadableError(said.UNREADABLE, str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class Folder:
    """See `Stick`. Closed by ``with``."""

    def __init__(self, root: Path) -> None:
        """Open the folder; raises `UnreadableError` where it is not there."""
        try:
            self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise UnreadableError(said.UNREADABLE, str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._root)

    def open(self, name: str) -> StickFile:
        """See `Stick.open`."""
        try:
            descriptor = open_beneath(self._root, name, os.O_RDONLY)
            status = os.fstat(descriptor)
        except OSError as error:
            raise _reading(error, name) from error
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise not_plain(name)
        return StickFile(descriptor, status.st_size)

    def read(self, name: str, limit: int) -> bytes:
        """See `Stick.read`."""
        with self.open(name) as file:
            if file.size > limit:
                raise RefusedError(said.HALF_COPIED, f"{name}: {file.size} bytes, at most {limit} are allowed")
            data = bytearray(file.size)
            view, got = memoryview(data), 0
            while got < len(data) and (count := file.readinto(view[got:])):
                got += count
        return bytes(data[:got])

    def names(self, folder: str, limit: int) -> tuple[str, ...]:
        """See `Stick.names`."""
        try:
            descriptor = open_beneath(self._root, folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            if error.errno in _MISSING and not self._in_its_place(folder):
                return ()
            raise (_reading(error, folder) if error.errno not in _MISSING else not_plain(folder)) from error
        try:
            with os.scandir(descriptor) as entries:
                return tuple(entry.name for _, entry in zip(range(limit), entries, strict=False))
        except OSError as error:
            raise UnreadableError(said.UNREADABLE, str(error)) from error
        finally:
            os.close(descriptor)

    def _in_its_place(self, folder: str) -> bool:
        """Whether something that is no folder bears its name: a file, a link. Silence would hide it from people."""
        try:
            os.close(open_beneath(self._root, folder, os.O_RDONLY))
        except OSError as error:
            return error.errno in _NOT_PLAIN
        return True

    def write(self, name: str, data: bytes) -> None:
        """See `Stick.write`. Beside its place first, then renamed; the names are ours alone."""
        parent, _, leaf = name.rpartition("/")
        try:
            folder = self._made(parent)
            try:
                _write_in(folder, leaf, data)
            finally:
                os.close(folder)
        except OSError as error:
            raise _writing(error, name) from error

    def _made(self, folder: str) -> int:
        """A descriptor of ``folder``, made where it is missing, part by part."""
        here = os.dup(self._root)
        try:
            for part in folder.split("/"):
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=here)
                    os.fsync(here)
                inner = open_beneath(here, part, os.O_RDONLY | os.O_DIRECTORY)
                os.close(here)
                here = inner
            return os.dup(here)
        finally:
            os.close(here)


def _write_in(folder: int, leaf: str, data: bytes) -> None:
    beside = f".{leaf}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(beside, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(beside, flags, 0o644, dir_fd=folder), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(beside, leaf, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(beside, dir_fd=folder)
        raise
    os.fsync(folder)


def _reading(error: OSError, name: str) -> StickError:
    if error.errno in _MISSING:
        return MissingError(said.HALF_COPIED, name)
    if error.errno in _NOT_PLAIN:
        return not_plain(name)
    return UnreadableError(said.UNREADABLE, str(error))


def _writing(error: OSError, name: str) -> StickError:
    if error.errno in _READ_ONLY:
        return UnwritableError(said.READ_ONLY, name)
    if error.errno in _FULL:
        return UnwritableError(said.STICK_FULL, name)
    if error.errno in _MISSING | _NOT_PLAIN:
        return not_plain(name)
    return UnreadableError(said.UNREADABLE, str(error))
