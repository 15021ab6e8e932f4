"""The truth about the screen: pixels of Xvfb's frame buffer (an XWD file, mapped), read about 1,500 times a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Self

from scripts.demo.frame_buffer import FrameBuffer as Picture
from scripts.demo.frame_buffer import Rgb

POLL_SECONDS = 0.0005
OTHERS = ((130, 200), (330, 410), (640, 520), (900, 250), (1150, 450))
POINT = (640, 150)  # clear of the mark, of captions and of banners
BLACK_BELOW = 10  # of 255 in every channel; a clip's darkest tone and the card's ground are brighter in one


def black(pixel: Rgb) -> bool:
    return max(pixel) < BLACK_BELOW


class FrameBuffer(Picture):
    """Pixels of a 24-bit screen, waited for."""

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
