"""What stands on a virtual screen: Xvfb's frame buffer, an XWD file that is mapped and read while it is drawn."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Final

from PIL import Image

Rgb = tuple[int, int, int]
HEADER: Final = struct.Struct(">25I")  # XWDFileHeader: its own size, width, height, bytes a line, colours
COLOUR_BYTES: Final = 12  # an entry of the colour map that stands before the pixels


class FrameBuffer:
    """A 24-bit screen."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header = HEADER.unpack(self._map[: HEADER.size])
        self.width, self.height, self._stride = header[4], header[5], header[12]
        self._start = header[0] + COLOUR_BYTES * header[19]

    def pixel(self, x: int, y: int) -> Rgb:
        """One pixel."""
        at = self._start + y * self._stride + 4 * x
        blue, green, red = self._map[at : at + 3]
        return red, green, blue

    def pixels(self) -> bytes:
        """All pixels as they stand now, four bytes each."""
        return self._map[self._start : self._start + self._stride * self.height]

    def image(self, data: bytes) -> Image.Image:
        """What `pixels` gave, as a picture."""
        return Image.frombuffer("RGB", (self.width, self.height), data, "raw", "BGRX", self._stride, 1)

    def png(self, path: Path) -> None:
        """Write the whole screen as a picture."""
        self.image(self.pixels()).save(path)
