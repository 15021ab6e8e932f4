"""Opening a name beneath a folder and nowhere else: openat2(2), or a walk without links where the kernel lacks it."""

from __future__ import annotations

import ctypes
import errno
import os
from typing import Final

_OPENAT2: Final = 437  # the same number on every architecture
_RESOLVE: Final = 0x01 | 0x02 | 0x04 | 0x08  # NO_XDEV, NO_MAGICLINKS, NO_SYMLINKS, BENEATH
_libc: Final = ctypes.CDLL(None, use_errno=True)


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_beneath(root: int, name: str, flags: int, mode: int = 0) -> int:
    """A descriptor for ``name`` beneath the directory ``root``, no link and no other file system on the way.

    O_NOFOLLOW, O_NONBLOCK (a pipe does not hang) and O_CLOEXEC are added. Raises `OSError`.
    """
    flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return _openat2(root, name, flags, mode)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
    return walk(root, name, flags, mode)


def walk(root: int, name: str, flags: int, mode: int = 0) -> int:
    """The same, part by part, for kernels before 5.6: no link, no ``..``, no other file system. Raises `OSError`."""
    parts = name.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), name)
    folder = os.dup(root)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        opened = os.open(parts[-1], flags, mode, dir_fd=folder)
    finally:
        os.close(folder)
    if os.fstat(opened).st_dev != os.fstat(root).st_dev:
        os.close(opened)
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), name)
    return opened


def _openat2(root: int, name: str, flags: int, mode: int) -> int:
    how = _OpenHow(flags, mode, _RESOLVE)
    path = os.fsencode(name)
    if b"\0" in path:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), name)
    descriptor: int = _libc.syscall(_OPENAT2, root, path, ctypes.byref(how), ctypes.sizeof(how))
    if descriptor < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)
    return descriptor
