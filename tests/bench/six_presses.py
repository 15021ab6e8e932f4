"""`six-presses`: from the station card, by arrows and OK alone, until a film of a wanted topic is playing.

Every topic is tried on a box that holds films of all ten; what plays is asked of the simulated player, not the menu.
The peer is the same menu with its cursor in the first corner.
"""

from __future__ import annotations

import tempfile
from collections import deque
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from estation_box.remote import menu as rules
from estation_box.remote.keys import Key
from estation_box.remote.offer import offered
from estation_box.remote.pages import Act, Known, Menu, Scene, Stage
from estation_wire.audience import Topic
from tests.bench.result import Result, command
from tests.support.box import SimulatedBox, TableShelf, item, profile

KEYS: Final = (Key.OK, Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT)
MOST: Final = 6


def run() -> list[Result]:
    """The most keys that any topic needs, played on a box."""
    counts = []
    for topic in Topic:
        with tempfile.TemporaryDirectory() as name:
            counts.append(_played(Path(name), topic))
    most = max(counts)
    corner = max(len(_way(_shelves_of_one(), topic, Menu(scene=Scene.TOPICS))) + 1 for topic in Topic)
    return [
        Result(
            id="six-presses", value=most, unit="keys at most", peer="the cursor begins in the first corner",
            peer_value=corner, ratio=round(corner / most, 2), bar=f"at most {MOST}", ok=most <= MOST,
            command=command("six-presses"),
        )
    ]  # fmt: skip


def _played(folder: Path, wanted: Topic) -> int:
    """How many keys until the box shows a film of ``wanted``; it must be one."""
    films = [replace(item("a", 60.0), id=f"{number:064x}", topic=topic) for number, topic in enumerate(Topic)]
    box = SimulatedBox(folder, TableShelf(films), profile())
    box.world.knows = True
    box.run(5)
    box.core.key(Key.OK, box.clock.moment())
    way = _way(box.core._hands.remote.known, wanted, box.core._hands.remote.menu)
    for key in way:
        box.core.key(key, box.clock.moment())
    box.run(2)
    show = box.playout.show
    assert box.playout.on_screen, f"nothing plays after the keys for {wanted}"
    assert show is not None
    assert show.current is not None
    assert show.current.content == films[list(Topic).index(wanted)].id
    assert show.shown > 0, "the player has shown nothing of it"
    return 1 + len(way)


def _way(known: Known, wanted: Topic, begin: Menu) -> list[Key]:
    """The shortest keys from ``begin`` to a film of ``wanted``."""
    held = {film.content for shelf in known.shelves if shelf.topic is wanted for film in shelf.films}
    seen, queue = {begin}, deque([(begin, [])])
    while queue:
        menu, way = queue.popleft()
        for key in KEYS:
            after, deed = rules.pressed(menu, key, Stage.CARD, known)
            if deed is not None and deed.act is Act.PLAY and set(deed.contents) <= held and len(deed.contents) == 1:
                return [*way, key]
            if deed is None and after not in seen and after.scene is not Scene.SHUT:
                seen.add(after)
                queue.append((after, [*way, key]))
    msg = f"no keys lead to {wanted}"
    raise AssertionError(msg)


def _shelves_of_one() -> Known:
    films = [replace(item("a", 60.0), id=f"{number:064x}", topic=topic) for number, topic in enumerate(Topic)]
    return Known(shelves=offered(films, ("zh-Hans",)))
