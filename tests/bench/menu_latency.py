"""`menu-latency`: from a key in core to the changed picture on the screen, with a library of 1,440 films on the card.

Each film has one of sixty small pictures, so that pages are turned whose pictures the player has not read yet.

The core is the real one, its library SQLite, the player and its libmpv are real, the screen is Xvfb's frame buffer. The
keys open the menu, move in it, turn a page and leave it. The peer is the player alone: the same card, sent at once.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from estation_box.drivers.library_store import LibraryStore
from estation_box.library.shelf import SteadyShelf
from estation_box.playout.engine import Layer
from estation_box.playout.player_words import Cover
from estation_box.remote.keys import Key
from estation_wire.library import Item, Poster
from estation_wire.picture import HEIGHT, PALETTE_BYTES, WIDTH, Picture, encode
from tests.bench.result import Result, command, percentile
from tests.support.field_library import VIDEOS, hold, lengthen, tiny_films
from tests.support.framebuffer import FrameBuffer, Rgb
from tests.support.library import make_stick
from tests.support.menu_box import MenuBox, amber
from tests.support.player import Hand, PlayerProcess
from tests.support.sync_box import Box
from tests.support.xvfb import Xvfb

ROUNDS: Final = 40
PICTURES: Final = 60
LIMIT_SECONDS: Final = 0.100
ON_TILE: Final = (93, 210)  # the left edge of the first topic's tile, which is amber while it is chosen
ON_FILM: Final = (600, 224)  # the upper edge of the first film's row
WITHIN: Final = 5.0


def run() -> list[Result]:
    """Every key of the round, ours and the player's alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make_stick(folder, videos=1)
        films = tiny_films(VIDEOS - 1)
        lengthen(made, VIDEOS, films=films)
        card = Box(folder / "card", made.root)
        card.run(made.stick)
        hold(card.state, films)
        (folder / "box").mkdir()
        with (
            Xvfb(folder / "screen") as screen,
            PlayerProcess(folder / "player", screen.display) as player,
            LibraryStore(card.state / "library.db") as stock,
        ):
            player.core.await_connection()
            names = _pictures(player.pictures)
            box = MenuBox(folder / "box", Pictured(stock, names), player.core, frozenset(names))
            ours, alone = _rounds(box, FrameBuffer(screen.frame_buffer), player.core)
    p95, peer = percentile(ours, 0.95), percentile(alone, 0.95)
    return [
        Result(
            id="menu-latency", value=round(p95 * 1000, 1), unit="ms p95", peer="the same card sent to the player alone",
            peer_value=round(peer * 1000, 1), ratio=round(peer / p95, 2), bar="at most 100 ms",
            ok=p95 <= LIMIT_SECONDS, command=command("menu-latency"),
        )
    ]  # fmt: skip


class Pictured(SteadyShelf):
    """The library as it is, and a small picture for each film."""

    def __init__(self, stock: LibraryStore, names: list[str]) -> None:
        super().__init__(stock, stock)
        self._names = names

    def items(self, ids: tuple[str, ...]) -> dict[str, Item]:
        """Each film with one of the pictures, by its content id."""
        found = super().items(ids)
        return {
            each.id: replace(each, poster=Poster(id=self._names[int(each.id[:8], 16) % len(self._names)], size=1))
            for each in found.values()
        }


def _pictures(folder: Path) -> list[str]:
    """Pictures as large as photographs are: chance has no shorter form."""
    folder.mkdir()
    chance, names = random.Random(7), [f"{n:064x}" for n in range(PICTURES)]
    for name in names:
        made = Picture(chance.randbytes(PALETTE_BYTES), chance.randbytes(WIDTH * HEIGHT))
        (folder / name).write_bytes(encode(made))
    return names


def _rounds(box: MenuBox, screen: FrameBuffer, player: Hand) -> tuple[list[float], list[float]]:
    """One topic is held, so the first tile is the one that is chosen when the menu opens."""
    ours, alone = [], []

    def dark(pixel: Rgb) -> bool:
        return not amber(pixel)

    for n in range(ROUNDS):
        time.sleep(0.05 + 0.013 * (n % 7))  # a key comes at any moment of the player's loop
        ours += [
            _timed(screen, lambda: box.key(Key.OK), amber, ON_TILE),
            _timed(screen, lambda: box.key(Key.DOWN), dark, ON_TILE),
            _timed(screen, lambda: box.key(Key.UP), amber, ON_TILE),
            _timed(screen, lambda: box.key(Key.OK), amber, ON_FILM),
            _timed(screen, lambda: box.key(Key.DOWN), dark, ON_FILM),
            _timed(screen, lambda: box.key(Key.LEFT), amber, ON_FILM),
        ]
        films = box.player.engine.layers[Layer.COVER]
        ours.append(_timed(screen, lambda: box.key(Key.BACK), amber, ON_TILE))
        tiles = box.player.engine.layers[Layer.COVER]
        alone += [
            _timed(screen, lambda card=films: player.send(Cover, ass=card), amber, ON_FILM),
            _timed(screen, lambda card=tiles: player.send(Cover, ass=card), amber, ON_TILE),
        ]
        box.key(Key.BACK)
        screen.wait(dark, WITHIN, ON_TILE)
    return ours, alone


def _timed(screen: FrameBuffer, act: Callable[[], object], wanted: Callable[[Rgb], bool], at: tuple[int, int]) -> float:
    start = time.monotonic()
    act()
    return screen.wait(wanted, WITHIN, at) - start
