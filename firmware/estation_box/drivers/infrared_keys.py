"""Keys of any remote through an infrared receiver that the kernel decodes (rc-core): `gpio-ir`, or a USB receiver.

The kernel's key map (``rc-map-name`` of the overlay) makes keys of codes; here they are read as the kernel tells them,
24 bytes each (linux/input.h, 64 bits). The rc device that the kernel makes of HDMI-CEC is left alone: its keys come by
the TV's wire. A press that stays is one key.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from estation_box.remote.keys import EVDEV_KEYS, Key

RECEIVERS: Final = Path("/sys/class/rc")
NODES: Final = Path("/dev/input")
MAX_RECEIVERS: Final = 4
UEVENT_BYTES: Final = 4096
EVENT: Final = struct.Struct("qqHHi")  # seconds, microseconds, type, code, value
EV_KEY, PRESSED = 1, 1
AGAIN_SECONDS: Final = 10.0  # a receiver that is plugged in later
log = logging.getLogger(__name__)


class InfraredKeys:
    """Tells ``put`` each key, in a thread of its own; a box without a receiver has none and works all the same."""

    def __init__(self, put: Callable[[Key], None], receivers: Path = RECEIVERS, nodes: Path = NODES) -> None:
        self._put = put
        self._receivers, self._nodes = receivers, nodes
        self._open: dict[Path, int] = {}
        self._refused: set[Path] = set()
        self._wake, self._waker = os.pipe()
        self._thread = threading.Thread(target=self._run, name="infrared-keys", daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        os.write(self._waker, b"x")
        self._thread.join()
        for descriptor in (self._wake, self._waker, *self._open.values()):
            os.close(descriptor)

    def _run(self) -> None:
        while True:
            self._look()
            ready, _, _ = select.select([self._wake, *self._open.values()], [], [], AGAIN_SECONDS)
            if self._wake in ready:
                return
            for node, descriptor in tuple(self._open.items()):
                if descriptor in ready and not self._read(descriptor):
                    os.close(self._open.pop(node))

    def _look(self) -> None:
        """Open the receivers that have come."""
        for node in nodes_of(self._receivers, self._nodes):
            if node not in self._open:
                try:
                    self._open[node] = os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                    self._refused.discard(node)
                except OSError as error:
                    if node not in self._refused:  # told once, not every ten seconds of a year
                        log.warning("the infrared receiver %s cannot be read: %s", node, error)
                    self._refused.add(node)

    def _read(self, descriptor: int) -> bool:
        """Tell the keys that have come; False where the receiver is gone."""
        try:
            events = os.read(descriptor, EVENT.size * 64)
        except BlockingIOError:
            return True
        except OSError:
            return False
        for _, _, kind, code, value in EVENT.iter_unpack(events[: len(events) // EVENT.size * EVENT.size]):
            key = EVDEV_KEYS.get(code)
            if (kind, value) == (EV_KEY, PRESSED) and key is not None:
                self._put(key)
        return bool(events)


def nodes_of(receivers: Path, nodes: Path) -> list[Path]:
    """Where the kernel tells the keys of each receiver but CEC's."""
    found: list[Path] = []
    for receiver in sorted(receivers.glob("rc*"))[:MAX_RECEIVERS]:
        with contextlib.suppress(OSError), (receiver / "uevent").open("rb") as file:
            if b"DRV_NAME=cec\n" not in file.read(UEVENT_BYTES):
                found += [nodes / event.name for event in sorted(receiver.glob("input*/event*"))]
    return found
