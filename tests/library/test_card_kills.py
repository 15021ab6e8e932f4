"""``kill -9`` at any moment of what is done to the card's films: nothing corrupt is ever offered, and all completes."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from estation_box.library.rules import Demand
from estation_wire.blocks import BLOCK_BYTES
from tests.support.card import Card, SmallCache

SIZES = [2 * BLOCK_BYTES + 3, BLOCK_BYTES, 3 * BLOCK_BYTES]
KILLS = 7  # of each of four, with every change of the card; the long form has 500


def ingest(card: Card) -> tuple[Callable[[], object], Callable[[], object]]:
    """A stick is read into an empty card."""

    def empty() -> None:
        with card.books() as books:
            books.forget(card.ids)
        for path in card.cache.iterdir() if card.cache.exists() else ():
            path.unlink()

    return empty, card.ingest


def scrub(card: Card) -> tuple[Callable[[], object], Callable[[], object]]:
    """A night in which every film has a wrong bit; the day before nobody could know."""

    def rot() -> None:
        card.scrub()
        card.ingest()
        assert card.offered() == set(card.ids)
        for content in card.ids:
            card.flip(content, 0)

    return rot, card.scrub


def repair(card: Card) -> tuple[Callable[[], object], Callable[[], object]]:
    """The stick comes on the day after."""
    rot, _ = scrub(card)

    def night() -> None:
        rot()
        card.flip(card.ids[2], 2)
        card.scrub()
        assert card.offered() == set()

    return night, card.ingest


def make_room(card: Card) -> tuple[Callable[[], object], Callable[[], object]]:
    """What is due takes the room of what is not, again and again in turn."""
    cache = SmallCache(card.cache, 3 * BLOCK_BYTES + 3)
    turn = [(card.ids[2],), card.ids[:2]]

    def other() -> None:
        turn.reverse()
        card.ingest(Demand(due=turn[1]), cache=cache)
        assert card.offered() >= set(turn[1])

    return other, lambda: card.ingest(Demand(due=turn[0]), cache=cache)


def kill(work: Callable[[], object], after: float) -> None:
    """Do the work in a process of its own, and kill it ``after`` seconds."""
    pid = os.fork()
    if not pid:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def killed(folder: Path, verb: Callable[[Card], tuple[Callable[[], object], Callable[[], object]]], kills: int) -> None:
    """Kill it so often, look after each, and then let it complete."""
    chance = random.Random(verb.__name__)
    card = Card(folder, SIZES)
    card.ingest()
    prepare, work = verb(card)
    prepare()
    start = time.monotonic()
    work()
    lasts = time.monotonic() - start
    for number in range(kills):
        if number % 3 == 0:  # two kills in a row meet what the first has left
            prepare()
        kill(work, chance.uniform(0, 1.1) * lasts)
        if verb is scrub:
            card.scrub()
        card.offered()
    prepare()
    kill(work, lasts / 2)
    work()
    if verb is scrub:
        assert card.offered() == set()
        card.ingest()
    if verb is not make_room:
        assert card.offered() == set(card.ids)
        assert {path.name for path in card.cache.iterdir()} == set(card.ids)
    card.tidy()
    card.scrub()
    card.offered()


@pytest.mark.parametrize("verb", [ingest, scrub, repair, make_room])
def test_killed_at_any_moment_nothing_corrupt_is_offered(tmp_path: Path, verb):
    """Killed 28 times while films are copied, read again, repaired, or make room: the next run completes."""
    killed(tmp_path, verb, KILLS)


@pytest.mark.soak
@pytest.mark.parametrize("verb", [ingest, scrub, repair, make_room])
def test_killed_five_hundred_times(tmp_path: Path, verb):
    """The long form of the same."""
    killed(tmp_path, verb, 125)
