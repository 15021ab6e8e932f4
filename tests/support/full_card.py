"""A card that really runs full, on a small file system of its own: says in JSON what became of a visit.

Somebody else (the journal, an update) fills the card in the middle of a film, or between a film and its record.
Started in a mount namespace of its own; arguments: an empty folder, ``film`` or ``record``.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from estation_box.drivers.content_store import ContentStore
from estation_box.drivers.folder import StickFile
from estation_box.library.interfaces import OpenFile, Wanted
from estation_wire.blocks import BLOCK_BYTES
from tests.support.card import Card
from tests.support.troubled_stick import TroubledStick

CARD_BYTES = 8 * BLOCK_BYTES
LARGE, SMALL = 5 * BLOCK_BYTES, BLOCK_BYTES


def fill(ballast: Path, size: int) -> None:
    """Write so much, or as much as the card takes; once."""
    if not ballast.exists():
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            for _ in range(size // 4096):
                file.write(bytes(4096))


class FillingStick(TroubledStick):
    """A stick during whose reading the card becomes full."""

    def __init__(self, root: Path, ballast: Path) -> None:
        super().__init__(root)
        self._ballast = ballast

    def open(self, name: str) -> StickFile:
        """See `Stick.open`."""
        opened = super().open(name)
        plain = opened.readinto

        def readinto(buffer: memoryview, /) -> int:
            got = plain(buffer)
            if self.bytes_read >= 2 * BLOCK_BYTES:
                fill(self._ballast, 4 * BLOCK_BYTES)
            return got

        opened.readinto = readinto
        return opened


class FillingStore(ContentStore):
    """A card that becomes full between a film and its record."""

    def take(self, wanted: Wanted, source: OpenFile, moved: Callable[[int], None]) -> None:
        """See `Cache.take`."""
        super().take(wanted, source, moved)
        fill(self._folder.parent / "ballast", CARD_BYTES)


def main(folder: Path, what: str) -> None:
    """Mount, fill, and tell."""
    state = folder / "state"
    state.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={CARD_BYTES}", "estation-test", str(state)], check=True)
    card = Card(folder, [LARGE, SMALL])
    if what == "film":
        copied = card.ingest(source=FillingStick(card.stick, state / "ballast"))
    else:
        copied = card.ingest(cache=FillingStore(card.cache, 0))
    during = {"said": card.said, "gone": copied.gone, "held": sorted(map(card.ids.index, card.offered()))}
    during["left"] = sorted(path.name[64:] for path in card.cache.iterdir())
    (state / "ballast").unlink()
    with TroubledStick(card.stick) as again:
        card.ingest(source=again)
        after = {"held": sorted(map(card.ids.index, card.offered())), "read": again.bytes_read}
    print(json.dumps({"during": during, "after": after}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
