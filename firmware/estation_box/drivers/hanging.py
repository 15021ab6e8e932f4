"""The films' small pictures on the screen: libmpv takes them as files of plain points, and copies them at once.

What cannot be read or is none of ours is left out: the card beneath is black there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from estation_box.playout.frame import Frame
from estation_box.playout.player_words import Hung
from estation_wire.errors import WireError
from estation_wire.picture import LIMIT_BYTES, Picture, decode, scaled

KEPT: Final = 24  # decoded, 58 kB each: a page and its neighbours
DRAWN: Final = 12  # drawn at one size, up to 1 MB each on a screen of 1080 lines
HANDED: Final = "picture.bgra"


class Hanging:
    """``folder``: where the pictures are; ``runtime``: where one is put for libmpv to take."""

    def __init__(self, folder: Path, runtime: Path) -> None:
        self._folder = folder
        self._handed = runtime / HANDED
        self._kept: dict[str, Picture | None] = {}
        self._drawn: dict[tuple[str, int, int], bytes] = {}
        self._count = 0

    def hang(
        self, pictures: Sequence[Hung], frame: Frame, screen: tuple[int, int], command: Callable[..., Any]
    ) -> None:
        """Put these, and no others, on a ``screen`` of so many points; ``command`` is libmpv's. Takes milliseconds."""
        there = 0
        for picture in pictures:
            left, top, right, bottom = _place(picture, frame, screen)
            points = self._points(picture.name, right - left, bottom - top)
            if points:
                self._handed.write_bytes(points)
                words = ("0", "bgra", str(right - left), str(bottom - top), str(4 * (right - left)))
                command("overlay-add", str(there), str(left), str(top), str(self._handed), *words)
                there += 1
        for number in range(there, self._count):
            command("overlay-remove", str(number))
        self._count = there

    def _points(self, name: str, width: int, height: int) -> bytes:
        key = (name, width, height)
        if key not in self._drawn:
            picture = self._picture(name)
            if picture is None or width < 1 or height < 1:
                return b""
            _make_room(self._drawn, DRAWN)
            self._drawn[key] = scaled(picture, width, height)
        return self._drawn[key]

    def _picture(self, name: str) -> Picture | None:
        if name not in self._kept:
            _make_room(self._kept, KEPT)
            self._kept[name] = self._read(name)
        return self._kept[name]

    def _read(self, name: str) -> Picture | None:
        try:
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                return decode(file.read(LIMIT_BYTES + 1))
        except (OSError, WireError):
            return None


def _place(picture: Hung, frame: Frame, screen: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in points of the screen."""
    across, down = frame.corner
    wide, high = screen[0] / frame.width, screen[1] / frame.height
    left, top = picture.x + across, picture.y + down
    right, bottom = left + picture.width, top + picture.height
    return round(left * wide), round(top * high), round(right * wide), round(bottom * high)


def _make_room(kept: dict[Any, Any], most: int) -> None:
    """The oldest goes first."""
    while len(kept) >= most:
        del kept[next(iter(kept))]
