"""Disks on USB, as udev knows them, through PyPI ``pyudev``. Decides nothing: see `library.sticks`.

Every event of a block device makes the thread look at all of them again and put one whole picture on core's queue, and
look once more when it has been quiet for a second: an event that is lost, doubled or early costs nothing (a disk that
goes is told of before it is gone), and what is in at the start is told in the same way.
"""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import pyudev

from estation_box.library.sticks import Disk, Volume

MAX_DISKS: Final = 16  # a hub full
MAX_VOLUMES: Final = 15  # as many as an sd disk has nodes of its own number
WORD_CHARACTERS: Final = 100  # a GPT's type has 36
SETTLE_EVENTS: Final = 500  # what is taken off the kernel's socket at a time before we look
QUIET_MS: Final = 1000  # «remove» is told while the disk is still listed; milliseconds later it is not
log = logging.getLogger(__name__)


class UdevSlot:
    """Tells ``put`` of all disks on USB, once at the start and after every change. ``put`` must not block."""

    def __init__(self, put: Callable[[tuple[Disk, ...]], None]) -> None:
        """Raises `OSError` or `ImportError` where there is no udev."""
        self._put = put
        self._context = pyudev.Context()
        self._monitor = pyudev.Monitor.from_netlink(self._context)
        self._monitor.filter_by("block")
        self._monitor.start()  # before the first look: what comes between the two is seen twice, never missed
        self._wake, self._stop = os.pipe()
        self._told: tuple[Disk, ...] | None = None
        self._thread = threading.Thread(target=self._watch, name="udev", daemon=True)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Watch no more."""
        os.write(self._stop, b".")
        self._thread.join(timeout=2.0)
        os.close(self._stop)
        os.close(self._wake)

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._monitor.fileno(), select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        wait: int | None = QUIET_MS
        while True:
            self._look()
            ready = {descriptor for descriptor, _ in poll.poll(wait)}
            if self._wake in ready:
                return
            wait = QUIET_MS if ready else None
            self._drain()

    def _drain(self) -> None:
        """Take off what has come; that something was lost makes no difference."""
        try:
            for _ in range(SETTLE_EVENTS):
                if self._monitor.poll(timeout=0) is None:
                    return
        except OSError as error:
            log.warning("udev told more than could be heard: %s", error)

    def _look(self) -> None:
        try:
            listed = self._context.list_devices(subsystem="block", ID_BUS="usb")  # with two properties, either would do
            found = (device for device in listed if device.device_type == "disk")
            used = mounted(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace"))
            disks = tuple(_disk(disk, used) for _, disk in zip(range(MAX_DISKS), found, strict=False))
        except (OSError, ValueError, pyudev.DeviceNotFoundError) as error:
            # Gone while we looked: its own event is on the way.
            log.info("the disks changed while they were looked at: %s", error)
            return
        if disks != self._told:
            self._told = disks
            self._put(disks)


def mounted(mountinfo: str) -> frozenset[str]:
    """The ``major:minor`` of everything that is mounted in this machine."""
    return frozenset(fields[2] for line in mountinfo.splitlines() if len(fields := line.split(" ")) > 2)


def _disk(disk: pyudev.Device, used: frozenset[str]) -> Disk:
    volumes = sorted(
        (device for device in disk.children if device.subsystem == "block" and device.device_type == "partition"),
        key=lambda device: (len(device.sys_name), device.sys_name),
    )[:MAX_VOLUMES]
    every = (disk, *volumes)
    return Disk(
        node=_word(disk, "DEVNAME"),
        visit=f"{disk.sys_name} {_word(disk, 'DISKSEQ') or _word(disk, 'USEC_INITIALIZED')}",
        sectors=_sectors(disk),
        table=_word(disk, "ID_PART_TABLE_TYPE"),
        filesystem=_word(disk, "ID_FS_TYPE"),
        volumes=tuple(_volume(volume) for volume in volumes),
        settled=all(device.is_initialized for device in every),
        own=any(_number(device) in used or _held(device) for device in every),
    )


def _volume(device: pyudev.Device) -> Volume:
    number = _word(device, "PARTN") or _word(device, "ID_PART_ENTRY_NUMBER")
    return Volume(
        number=int(number) if number.isdecimal() else 0,
        node=_word(device, "DEVNAME"),
        filesystem=_word(device, "ID_FS_TYPE"),
        kind=_word(device, "ID_PART_ENTRY_TYPE"),
    )


def _word(device: pyudev.Device, name: str) -> str:
    return str(device.properties.get(name, ""))[:WORD_CHARACTERS]


def _number(device: pyudev.Device) -> str:
    return f"{_word(device, 'MAJOR')}:{_word(device, 'MINOR')}"


def _sectors(disk: pyudev.Device) -> int:
    size = disk.attributes.get("size") or b""
    return int(size) if size.isdigit() else 0


def _held(device: pyudev.Device) -> bool:
    """Whether the kernel has built something on it: a verified system, a volume group."""
    try:
        return any((Path(device.sys_path) / "holders").iterdir())
    except OSError:
        return False
