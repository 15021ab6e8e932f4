"""A whole core in simulated time whose screen is a real player's: a key in, a picture on the frame buffer out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from estation_box.playout.player_words import Banner, Cover, Request
from estation_box.remote.keys import Key
from tests.support.box import SimulatedBox, TableShelf, profile
from tests.support.framebuffer import Rgb
from tests.support.player import Hand

AMBER_EDGE = (3, 60)  # pixels left of a tile, and below its upper edge: amber where the tile is chosen


class MenuBox(SimulatedBox):
    """What core asks goes to the simulated player; what it draws goes to the real one as well."""

    def __init__(
        self, folder: Path, shelf: TableShelf, screen: Hand, pictures: frozenset[str] = frozenset(), **changes: Any
    ) -> None:
        self._screen = screen
        super().__init__(folder, shelf, profile(**changes), pictures=pictures)
        self.world.knows = True
        self.run(5)

    def ask(self, request: type[Request], **fields: Any) -> int:
        if request is Cover or request is Banner:
            self._screen.send(request, **fields)
        return super().ask(request, **fields)

    def key(self, *keys: Key) -> None:
        for key in keys:
            self.core.key(key, self.clock.moment())


def amber(pixel: Rgb) -> bool:
    """The colour of what is chosen."""
    red, green, blue = pixel
    return red > 200 and 140 < green < 210 and blue < 130
