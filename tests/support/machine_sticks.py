"""Sticks as people have them, for a box in QEMU: exFAT, a FAT that was pulled too early, NTFS, ext4, none at all.

This machine may have no exFAT: such a stick is written in the box itself, on two disks that are no sticks to it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.support import machine
from tests.support.machine_inside import Inside

FIRST = 2048  # the first partition's first sector, as every system does it since 2009
MIB = 64
_DIRTY_BYTE = 65  # of FAT32's boot sector: bit 0, «was not unmounted»
_EXFAT = (
    "set -e; for d in source exfat; do mkdir -p /run/$d; done; "
    "part=$(readlink -f /dev/disk/by-id/virtio-exfat-part1); mkfs.exfat -q -L ESTATION $part; "
    "mount -o ro /dev/disk/by-id/virtio-source /run/source; mount -t exfat $part /run/exfat; "
    "cp -r /run/source/ESTATION /run/exfat/; umount /run/exfat /run/source"
)
_NAMES = (
    "set -e; echo 1 >/proc/sys/vm/drop_caches; blockdev --flushbufs /dev/disk/by-id/virtio-exfat; "
    "mount -o ro -t exfat $(readlink -f /dev/disk/by-id/virtio-exfat-part1) /run/exfat; "
    "find /run/exfat -type f -printf '%f\\n'; umount /run/exfat"
)


def table(path: Path, kind: str, mib: int = MIB) -> Path:
    """An empty stick with one partition, of an MBR's ``kind``."""
    path.write_bytes(b"")
    os.truncate(path, (mib << 20) + FIRST * 512)
    machine.run("sfdisk", "-q", path, given=f"label: dos\nstart={FIRST}, type={kind}\n")
    return path


def filled(path: Path, volume: Path) -> Path:
    """The file system in a stick's only partition."""
    place = f"seek={FIRST * 512}"
    machine.run("dd", f"if={volume}", f"of={path}", "bs=1M", "oflag=seek_bytes", place, "conv=notrunc")
    return path


def empty(folder: Path, name: str, mib: int = MIB) -> Path:
    """A file for a file system."""
    path = folder / name
    path.write_bytes(b"")
    os.truncate(path, mib << 20)
    return path


def fat(folder: Path, content: Path, *, dirty: bool = False) -> Path:
    """One FAT32 partition with ``content``; ``dirty``: pulled before the last computer had done with it."""
    volume = empty(folder, "volume")
    machine.run("mkfs.vfat", "-F", "32", "-n", "ESTATION", volume)
    machine.run("mcopy", "-s", "-i", volume, *content.iterdir(), "::")
    if dirty:
        with volume.open("r+b") as file:
            file.seek(_DIRTY_BYTE)
            file.write(b"\x01")
    return filled(table(folder / "fat.img", "c"), volume)


def ntfs(folder: Path) -> Path:
    """As Windows formats a large stick."""
    volume = empty(folder, "volume")
    machine.run("mkntfs", "-F", "-Q", "-q", "-p", str(FIRST), "-H", "255", "-S", "63", "-s", "512", volume)
    return filled(table(folder / "ntfs.img", "7"), volume)


def ext4(folder: Path, content: Path) -> Path:
    """As a stick for Linux, on which links may lie."""
    volume = empty(folder, "volume")
    machine.run("mke2fs", "-q", "-t", "ext4", "-d", content, volume)
    return filled(table(folder / "ext4.img", "83"), volume)


def unformatted(folder: Path) -> Path:
    """Nothing at all."""
    return empty(folder, "blank.img")


def exfat_workshop(folder: Path, content: Path) -> list[str]:
    """QEMU's words for the two disks on which `exfat` works."""
    source, target = empty(folder, "source.img"), table(folder / "exfat.img", "7")
    machine.run("mke2fs", "-q", "-t", "ext4", "-d", content, source)
    words = []
    for name, path in (("source", source), ("exfat", target)):
        words += ["-drive", f"file={path},format=raw,if=none,id={name},cache=writethrough"]
        words += ["-device", f"virtio-blk-pci,drive={name},serial={name}"]
    return words


def exfat(folder: Path, inside: Inside) -> Path:
    """An exFAT stick with the workshop's content, made by the kernel that will read it."""
    inside.run(_EXFAT)
    return Path(shutil.copy(folder / "exfat.img", folder / "exfat-stick.img"))


def exfat_names(folder: Path, inside: Inside, stick: Path) -> set[str]:
    """The names of the files on an exFAT stick that came back, looked at by that kernel."""
    shutil.copy(stick, folder / "exfat.img")
    return set(inside.run(_NAMES).split())
