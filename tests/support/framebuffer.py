"""The truth about the screen: pixels of Xvfb's frame buffer (an XWD file, mapped), read about 1,500 times a second."""

from __future__ import annotations

import mmap
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Self

from PIL import Image

Rgb = tuple[int, int, int]
POLL_SECONDS = 0.0005
OTHERS = ((130, 200), (330, 410), (640, 520), (900, 250), (1150, 450))
POINT = (640, 150)  # clear of the mark, of captions and of banners
BLACK_BELOW = 10  # of 255 in every channel; a clip's darkest tone and the card's ground are brighter in one


def black(pixel: Rgb) -> bool:
    return max(pixel) < BLACK_BELOW


class FrameBuffer:
    """Pixels of a 24-bit screen."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header = struct.unpack(">25I", self._map[:100])
        self.width, self.height, self._stride = header[4], header[5], header[12]
        self._start = header[0] + 12 * header[19]  # the header, then the colour map

    def pixel(self, x: int, y: int) -> Rgb:
        at = self._start + y * self._stride + 4 * x
        blue, green, red = self._map[at : at + 3]
        return red, green, blue

    def png(self, path: Path) -> None:
        """The whole screen as a picture, for people."""
        data = self._map[self._start : self._start + self._stride * self.height]
        Image.frombuffer("RGB", (self.width, self.height), data, "raw", "BGRX", self._stride, 1).save(path)

    def wait(self, wanted: Callable[[Rgb], bool], within: float, at: tuple[int, int] = POINT) -> float:
        """The monotonic second at which the pixel became as wanted; AssertionError after ``within`` seconds."""
        end = time.monotonic() + within
        while (now := time.monotonic()) < end:
            if wanted(self.pixel(*at)):
                return now
            time.sleep(POLL_SECONDS)
        msg = f"the pixel is {self.pixel(*at)}, not what was awaited, after {within} s"
        raise AssertionError(msg)


class Change(NamedTuple):
    """A new picture: the watched pixel, and others that tell a damaged picture from one that stands still."""

    at: float
    pixel: Rgb
    others: tuple[Rgb, ...]


class Watch:
    """Writes down every change of the picture, as a few pixels tell it, on a thread, from `with` to its end."""

    def __init__(self, frame_buffer: FrameBuffer, at: tuple[int, int] = POINT) -> None:
        self._buffer = frame_buffer
        self._at = at
        self._over = False
        self.changes: list[Change] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()

    def _run(self) -> None:
        last = None
        while not self._over:
            seen = (self._buffer.pixel(*self._at), tuple(self._buffer.pixel(*point) for point in OTHERS))
            if seen != last:
                self.changes.append(Change(time.monotonic(), *seen))
                last = seen
            time.sleep(POLL_SECONDS)

    def spans(self, end: float) -> list[tuple[Change, float]]:
        """Each change with the seconds that it stood, the last one until ``end``."""
        ends = [change.at for change in self.changes[1:]] + [end]
        return [(change, until - change.at) for change, until in zip(self.changes, ends, strict=True)]
