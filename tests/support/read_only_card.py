"""A card that takes nothing any more, on a small file system of its own: says in JSON what a box still has of it.

Started in a mount namespace of its own; arguments: an empty folder, and how the last one left who used its databases:
``closed`` them, or ``cut`` (the plug was pulled).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from estation_box.drivers.library_store import LibraryStore
from estation_box.library.shelf import SteadyShelf
from estation_wire.blocks import BLOCK_BYTES
from tests.journal.values import journal, write
from tests.support.card import Card

CARD_BYTES = 8 * BLOCK_BYTES
SIZES = [BLOCK_BYTES, 1000]


def use(card: Card, how: str) -> None:
    """What core does with the databases in its life, in a process of its own."""
    if child := os.fork():
        os.waitpid(child, 0)
        return
    with LibraryStore(card.state / "library.db") as shelf:
        book = journal(card.state)
        write(book, 3)
        shelf.films()
        if how == "cut":
            os._exit(0)
        book.close()
    os._exit(0)


def look(card: Card) -> dict[str, object]:
    """What the next boot has of it."""
    with LibraryStore(card.state / "library.db") as store:
        shelf = SteadyShelf(store, store)
        held = [shelf.held(content) is not None for content, _ in shelf.films()]
    book = journal(card.state)
    before = [record.seq for record in book.recent()]
    write(book, 1, since=60)
    return {"held": held, "records": before, "trouble": str(book.trouble)}


def main(folder: Path, how: str) -> None:
    """Mount, use, let it be read-only, and tell."""
    state = folder / "state"
    state.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={CARD_BYTES}", "estation-test", str(state)], check=True)
    card = Card(folder, SIZES)
    card.ingest()
    use(card, how)
    subprocess.run(["mount", "-o", "remount,ro", str(state)], check=True)
    print(json.dumps(look(card)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
