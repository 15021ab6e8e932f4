"""The desk's television: the virtual screen as JPEG, made anew only when something on it is another."""

from __future__ import annotations

import io
import threading
import time
import zlib
from pathlib import Path
from typing import Final

from scripts.demo.frame_buffer import FrameBuffer

LOOK_SECONDS: Final = 0.12  # eight pictures a second: a film moves, and one core has time for the box itself
QUALITY: Final = 80
WAIT_SECONDS: Final = 2.0  # a page that asks for the next picture is answered by then, with the same one


class Television:
    """Looks at the screen while somebody asks for pictures; several pages may."""

    def __init__(self, frame_buffer: Path) -> None:
        self._screen = FrameBuffer(frame_buffer)
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._seen = -1
        self.jpeg = b""
        self.number = 0

    def after(self, number: int) -> int:
        """Wait until the picture is another than ``number``, at most 2 s; the number of the one that stands now."""
        ends = time.monotonic() + WAIT_SECONDS
        while True:
            with self._lock:
                self._look()
                if self.number != number or time.monotonic() >= ends:
                    return self.number
            time.sleep(LOOK_SECONDS / 2)

    def _look(self) -> None:
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        pixels = self._screen.pixels()
        seen = zlib.crc32(pixels)
        if seen != self._seen:
            self._seen = seen
            out = io.BytesIO()
            self._screen.image(pixels).save(out, "JPEG", quality=QUALITY)
            self.jpeg = out.getvalue()
            self.number += 1
