"""The box's own card: full, filling, or cut off in the middle; what is needed comes in, and nothing is lost for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from estation_box.drivers.library_store import LibraryStore
from estation_box.library.making_room import Room
from estation_box.library.rules import Demand
from estation_box.library.shelf import SteadyShelf
from estation_wire import stick as layout
from estation_wire.blocks import BLOCK_BYTES
from tests.support.card import Card, SmallCache
from tests.support.full_card import LARGE
from tests.support.sync_box import FIRMWARE, ROOT

SIZES = [2 * BLOCK_BYTES, BLOCK_BYTES, 3 * BLOCK_BYTES]


def on_a_card(kind: str, folder: Path, what: str) -> dict:
    """What becomes of things on a card of its own: ``tests.support.KIND_card`` says what."""
    command = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        command.append("--map-root-user")
    command += [sys.executable, "-m", f"tests.support.{kind}_card", str(folder), what]
    path = os.pathsep.join(map(str, (FIRMWARE, ROOT / "central", ROOT)))
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_card_that_runs_full_leaves_out_one_film_and_takes_the_next(tmp_path: Path):
    """The card runs full in the middle of a film: it is told as full, and the smaller one behind it is taken."""
    told = on_a_card("full", tmp_path, "film")
    assert told["during"] == {
        "said": ["1 new programmes were stored (1 MiB)", "The box is full: 1 programmes were left out"],
        "gone": False, "held": [1], "left": [""],
    }  # fmt: skip
    assert told["after"]["held"] == [0, 1]


def test_a_card_that_is_full_to_the_last_byte_loses_no_film(tmp_path: Path):
    """Where not even the record of a film can be written, the film waits, and is not read from the stick again."""
    told = on_a_card("full", tmp_path, "record")
    assert told["during"]["held"] == []
    assert told["during"]["said"] == ["The box is full: 2 programmes were left out"]
    assert told["after"]["held"] == [0, 1]
    assert told["after"]["read"] < LARGE


@pytest.mark.parametrize("how", ["closed", "cut"])
def test_a_card_that_takes_nothing_any_more_still_gives_its_films(tmp_path: Path, how: str):
    """Read-only, as worn cards become: films and records are there however it was left, and the journal says so."""
    told = on_a_card("read_only", tmp_path, how)
    assert told["held"] == [True, True]
    assert told["records"] == [1, 2, 3]
    assert "the card is read-only" in told["trouble"]


def test_a_library_that_cannot_be_opened_stops_no_start(tmp_path: Path):
    """Nonsense in its place: nothing is on the shelf, and whoever has the shelf lives."""
    (tmp_path / "library.db").write_bytes(b"this is no database" * 500)
    with LibraryStore(tmp_path / "library.db") as store:
        shelf = SteadyShelf(store, store)
        assert shelf.films() == []
        assert shelf.trouble


def full(folder: Path, *, capacity: int = 3 * BLOCK_BYTES) -> tuple[Card, SmallCache]:
    """A card that is full of two films that nobody has planned, and a third one of the stick that is due."""
    card = Card(folder, SIZES)
    cache = SmallCache(card.cache, capacity)
    card.ingest(Demand(named=card.ids[:2]), cache=cache)
    assert card.offered() == set(card.ids[:2])
    return card, cache


def test_what_is_due_takes_the_room_of_what_is_not(tmp_path: Path):
    """On a full card this fortnight's film comes in, others go and are told, and the week after nothing changes."""
    card, cache = full(tmp_path, capacity=5 * BLOCK_BYTES)
    due = Demand(this_week=card.ids[2:], due=card.ids[2:])
    copied = card.ingest(due, cache=cache)
    assert card.offered() == {card.ids[1], card.ids[2]}
    assert copied.removed == [card.ids[0]]
    assert card.said[1] == "1 programmes that are not needed made room"
    with card.books() as books:
        assert books.kept().keys() == set(card.ids[1:])
        assert books.remembered(card.ids).keys() == set(card.ids)
    copied = card.ingest(due, cache=cache)
    assert (copied.removed, copied.taken, copied.short) == ([], 0, [card.ids[0]])


def test_what_is_missing_of_the_reserve_is_made_up_for_at_once(tmp_path: Path):
    """Where the journal has grown into the room of the films, as much gives way as is needed, or nothing."""
    card, _ = full(tmp_path)
    due = Demand(due=card.ids[2:])
    copied = card.ingest(due, cache=SmallCache(card.cache, 2 * BLOCK_BYTES))
    assert (copied.removed, copied.short) == ([], [card.ids[2]])
    small = Demand(due=card.ids[1:2])
    with card.books() as books:
        books.forget(card.ids[1:2])
    (card.cache / card.ids[1]).unlink()
    copied = card.ingest(small, cache=SmallCache(card.cache, BLOCK_BYTES))
    assert (copied.removed, card.offered()) == ([card.ids[0]], {card.ids[1]})


def test_a_repair_needs_no_room(tmp_path: Path):
    """On a card that is fuller than it should be a rotten block is repaired all the same."""
    card, _ = full(tmp_path)
    card.flip(card.ids[0], 1)
    card.scrub()
    card.ingest(Demand(due=card.ids[:1]), cache=SmallCache(card.cache, 0))
    assert card.offered() == set(card.ids[:2])
    assert card.said[0] == "1 new programmes were stored (1 MiB)"


def test_what_a_session_may_be_showing_does_not_go(tmp_path: Path):
    """The films of the session that runs are not taken from under it."""
    card, cache = full(tmp_path)
    due = Demand(due=card.ids[2:])
    copied = card.ingest(due, cache=cache, showing=frozenset(card.ids[:1]))
    assert (copied.removed, copied.short) == ([], [card.ids[2]])
    assert card.offered() == set(card.ids[:2])


def test_half_a_film_that_nobody_needs_gives_way_too(tmp_path: Path):
    """An interrupted copy of something that is not due does not keep the room for itself."""
    card = Card(tmp_path, SIZES)
    cache = SmallCache(card.cache, 4 * BLOCK_BYTES)
    (card.cache / f"{card.ids[0]}.part").write_bytes(card.films[card.ids[0]][:-1])
    card.ingest(Demand(due=card.ids[2:]), cache=cache)
    assert card.offered() >= {card.ids[2]}


def test_a_box_that_knows_no_station_removes_nothing(tmp_path: Path):
    """Without a profile nobody can say what is needed: nothing is copied and nothing removed."""
    card, cache = full(tmp_path)
    with card.books() as books:
        assert Room(books, cache, None).make(card.ids[2], 1) == ()
    assert card.offered() == set(card.ids[:2])


class CutCache(SmallCache):
    """The power goes between the record and the file."""

    def remove(self, contents: tuple[str, ...]) -> None:
        """See `Cache.remove`."""
        raise InterruptedError


def test_a_cut_while_room_is_made_leaves_no_offer_without_a_film(tmp_path: Path):
    """Cut between the record and the file: nothing is offered that is not there, and the next visit completes."""
    card, cache = full(tmp_path)
    due = Demand(due=card.ids[2:])
    with pytest.raises(InterruptedError):
        card.ingest(due, cache=CutCache(card.cache, 3 * BLOCK_BYTES))
    assert card.offered() == set()
    card.tidy()
    card.ingest(due, cache=cache)
    assert card.offered() == {card.ids[2]}


def test_a_damaged_stick_does_not_empty_the_card_for_nothing(tmp_path: Path):
    """A stick that is damaged week after week costs the card no more than the room of its good part."""
    card, cache = full(tmp_path, capacity=4 * BLOCK_BYTES)
    path = card.stick / layout.content(card.ids[2])
    path.write_bytes(card.films[card.ids[2]][:-1] + b"!")
    due = Demand(due=card.ids[2:])
    for _ in range(3):
        assert card.ingest(due, cache=cache).stored.keys() <= set(card.ids[:2])
        assert card.offered() == {card.ids[1]}
