"""Mounting a stick with mount(2), in a mount namespace of our own, and looking at what the kernel made of it.

Needs CAP_SYS_ADMIN. A line of ``/proc/self/mountinfo`` as it must look::

    63 43 8:1 / /media/estation ro,nosuid,nodev,noexec,relatime,nosymfollow - exfat /dev/sda1 ro,uid=990,…
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
from pathlib import Path
from typing import Final, Self

RDONLY: Final = 1
HARMLESS: Final = 2 | 4 | 8 | 256  # nosuid, nodev, noexec, nosymfollow (mount.h; the last since Linux 5.10)
HARMLESS_WORDS: Final = frozenset({"nosuid", "nodev", "noexec", "nosymfollow"})
_REMOUNT: Final = 32
_ALL_PRIVATE: Final = 1 << 14 | 1 << 18  # MS_REC, MS_PRIVATE
_CLONE_NEWNS: Final = 0x00020000
_DETACH: Final = 2
_NOFOLLOW: Final = 8
_DISK: Final = re.compile(r"/dev/(sd[a-z]{1,2})(?:[1-9]|1[0-5])?")  # the partitions that block-sd holds
_libc: Final = ctypes.CDLL(None, use_errno=True)


class MountError(Exception):
    """The kernel did not make what was asked for; nothing is left mounted."""


class Mount:
    """One file system at ``where``, read-only and harmless, checked; unmounted at the end of ``with`` in any case."""

    def __init__(self, device: str, where: Path, filesystem: str, options: str) -> None:
        """``filesystem`` and ``options``: as in mount(2). Nothing is done before ``with``."""
        self._device, self.where, self._filesystem, self._options = device, where, filesystem, options

    def __enter__(self) -> Self:
        """Mount. Raises `OSError` as mount(2) does, and `MountError` where a flag is missing."""
        mount(self._device, self.where, self._filesystem, HARMLESS | RDONLY, self._options)
        try:
            self._look(writable=False)
        except MountError:
            unmount(self.where)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        unmount(self.where)

    def writable(self) -> None:
        """Let files be written. Raises `OSError` where the stick refuses, `MountError` where a flag is missing."""
        self._again(HARMLESS, writable=True)

    def read_only(self) -> None:
        """Write out what is still in memory, and let nothing more be written. Raises as `writable`."""
        self._again(HARMLESS | RDONLY, writable=False)

    def _again(self, flags: int, *, writable: bool) -> None:
        mount(None, self.where, None, flags | _REMOUNT, self._options)
        self._look(writable=writable)

    def _look(self, *, writable: bool) -> None:
        text = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        fault = fault_of(text, self.where, self._filesystem, writable=writable)
        if fault:
            raise MountError(fault)


def options(filesystem: str, uid: int, gid: int) -> str:
    """The driver's options for a stick that belongs to one user alone; names are UTF-8, damage makes it read-only."""
    names = "utf8" if filesystem == "vfat" else "iocharset=utf8"
    return f"uid={uid},gid={gid},fmask=0177,dmask=0077,errors=remount-ro,{names}"


def fault_of(mountinfo: str, where: Path, filesystem: str, *, writable: bool) -> str:
    """What is wrong with the file system at ``where``, in the words of ``mountinfo``; empty where nothing is."""
    there = [line.split(" ") for line in mountinfo.splitlines()]
    mine = [fields for fields in there if len(fields) > 9 and _unescaped(fields[4]) == os.fspath(where)]
    if not mine:
        return f"nothing is mounted at {where}"
    fields = mine[-1]  # the topmost
    flags, dash = set(fields[5].split(",")), fields.index("-")
    missing = HARMLESS_WORDS - flags
    if missing:
        return f"mounted without {', '.join(sorted(missing))}"
    if fields[6:dash]:
        return f"the mount is not private: {' '.join(fields[6:dash])}"
    if fields[dash + 1] != filesystem:
        return f"mounted as {fields[dash + 1]}, not as {filesystem}"
    state = {"rw"} if writable else {"ro"}
    if {"ro", "rw"} & flags != state or {"ro", "rw"} & set(fields[dash + 3].split(",")) != state:
        return f"mounted {fields[5]} and {fields[dash + 3]}, not {state.pop()}"
    return ""


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), text)


def private_namespace() -> None:
    """Leave the machine's mounts: what is mounted from now on is not seen outside. Raises `OSError`."""
    _checked(_libc.unshare(_CLONE_NEWNS), "/")
    mount(None, Path("/"), None, _ALL_PRIVATE, None)


def mount(device: str | None, where: Path, filesystem: str | None, flags: int, data: str | None) -> None:
    """Call the kernel, and look at nothing. Raises `OSError`."""
    words = (device, os.fspath(where), filesystem)
    encoded = [word if word is None else os.fsencode(word) for word in words]
    _checked(_libc.mount(*encoded, ctypes.c_ulong(flags), data.encode() if data else None), device or str(where))


def unmount(where: Path) -> None:
    """Take away what is mounted at ``where``; what is still open keeps it only out of sight, until it is closed."""
    if _libc.umount2(os.fsencode(where), _NOFOLLOW) == 0:
        return
    with contextlib.suppress(OSError):
        _checked(_libc.umount2(os.fsencode(where), _NOFOLLOW | _DETACH), str(where))


def on_usb(device: str, sysfs: Path = Path("/sys")) -> bool:
    """Whether ``device`` is a disk on USB, or a partition of one, by the kernel's own word. The box's card never is."""
    disk = _DISK.fullmatch(device)
    if disk is None:
        return False
    try:
        place = (sysfs / "class/block" / disk[1]).resolve(strict=True)
    except OSError:
        return False
    return any(re.fullmatch(r"usb\d+", part) for part in place.parts)


def gone(error: OSError) -> bool:
    """Whether mounting failed because there is no such device any more, or it can no longer be read."""
    return error.errno in {errno.ENOENT, errno.ENXIO, errno.ENOMEDIUM, errno.EIO}


def _checked(result: int, what: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)
