"""A machine's block devices made of nothing: umockdev's testbed, and our slot listening to it through the real libudev.

``umockdev-wrapper python -m tests.support.udev_bed`` takes one JSON line per step and, for `next`, prints the next
picture of disks that the slot tells, as a JSON line. It has a udev database of its own, for which an ordinary user is
root of a namespace.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import msgspec

from estation_box.drivers import mount
from estation_box.drivers.udev import UdevSlot
from estation_box.library.sticks import Disk

ROOT = Path(__file__).parents[2]
SECONDS = 20
DATABASE = Path("/run/udev/data")


class Bed:
    """The testbed in a process of its own, seen from the test."""

    def __enter__(self) -> Self:
        wrapper = shutil.which("umockdev-wrapper")
        assert wrapper, "run make set-up"
        root = [] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
        # umockdev takes every path below /dev for a device, and in `make test` that is where temporary files are
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'firmware'}", "TMPDIR": "/tmp"}
        self._process = subprocess.Popen(
            [*root, wrapper, sys.executable, "-m", "tests.support.udev_bed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=SECONDS)

    def does(self, **step: Any) -> None:
        """One step; it is done when the next answer comes."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(step).encode() + b"\n")
        self._process.stdin.flush()

    def until(self, reached: Callable[[tuple[Disk, ...]], bool]) -> list[tuple[Disk, ...]]:
        """Every picture that the slot tells, up to the first that is as wanted."""
        found: list[tuple[Disk, ...]] = []
        assert self._process.stdout is not None
        while not found or not reached(found[-1]):
            self.does(do="next")
            line = self._process.stdout.readline()
            assert line, f"nothing like that was told: {found}"
            found.append(msgspec.json.decode(line, type=tuple[Disk, ...]))
        return found


class _Testbed:
    def __init__(self) -> None:
        self._library = ctypes.CDLL("libumockdev.so.0")
        self._library.umockdev_testbed_new.restype = ctypes.c_void_p
        self._library.umockdev_testbed_add_devicev.restype = ctypes.c_char_p
        self._library.umockdev_testbed_add_devicev.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p
        ]  # fmt: skip
        for name in ("uevent", "remove_device"):
            getattr(self._library, f"umockdev_testbed_{name}").restype = None
        self._library.umockdev_testbed_uevent.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
        self._library.umockdev_testbed_remove_device.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self._library.umockdev_testbed_get_root_dir.restype = ctypes.c_char_p
        self._library.umockdev_testbed_get_root_dir.argtypes = [ctypes.c_void_p]
        self._bed = self._library.umockdev_testbed_new()
        self._root = Path(self._library.umockdev_testbed_get_root_dir(self._bed).decode())
        mount.private_namespace()  # umockdev stands for /sys and /dev, but not for udevd's database
        mount.mount("tmpfs", Path("/run"), "tmpfs", 0, None)
        DATABASE.mkdir(parents=True)

    def add(self, name: str, parent: str | None, size: int, properties: dict[str, str]) -> str:
        self._known(properties).write_text("I:1\n")  # udevd writes it before it tells of a device
        below, words = parent.encode() if parent else None, (_pairs({"size": str(size)}), _pairs(properties))
        path = self._library.umockdev_testbed_add_devicev(self._bed, b"block", name.encode(), below, *words)
        return path.decode()

    def _known(self, properties: dict[str, str]) -> Path:
        return DATABASE / f"b{properties['MAJOR']}:{properties['MINOR']}"

    def remove(self, path: str) -> None:
        self._library.umockdev_testbed_uevent(self._bed, path.encode(), b"remove")
        self._library.umockdev_testbed_remove_device(self._bed, path.encode())
        (self._root / "sys/block" / Path(path).name).unlink(missing_ok=True)  # umockdev leaves it


def _pairs(words: dict[str, str]) -> Any:
    flat = [word.encode() for pair in words.items() for word in pair]
    return (ctypes.c_char_p * (len(flat) + 1))(*flat, None)


def heard(slot: UdevSlot) -> None:
    """Wait until the slot has taken off what it was told: umockdev's socket holds ten events, a kernel's thousands."""
    ends = time.monotonic() + SECONDS
    while select.select([slot._monitor.fileno()], [], [], 0)[0]:
        assert time.monotonic() < ends, "nobody hears"
        time.sleep(0.001)


def main() -> None:
    """Take steps until the input ends."""
    bed, paths, slot = _Testbed(), {}, None
    said: queue.Queue[tuple[Disk, ...]] = queue.Queue()
    for line in sys.stdin:
        step = json.loads(line)
        if step["do"] == "listen":
            slot = UdevSlot(said.put).__enter__()
        elif step["do"] == "add":
            if slot is not None and step["parent"] is None:
                heard(slot)
            paths[step["name"]] = bed.add(step["name"], paths.get(step["parent"]), step["size"], step["properties"])
        elif step["do"] == "remove":
            bed.remove(paths.pop(step["name"]))
        elif step["do"] == "next":
            print(msgspec.json.encode(said.get(timeout=SECONDS)).decode(), flush=True)
    if slot is not None:
        slot.__exit__()


if __name__ == "__main__":
    main()
