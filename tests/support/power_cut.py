"""What a card may hold after its power was cut at some point of a log of writes. Pure, and seeded by the caller.

What was written before the last completed flush is there. Of what was written since, any part may be there: a card
keeps it in a cache of its own and writes it in the order that it likes. One write is cut at a sector's edge.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final, NamedTuple

from tests.support.write_log import Entry, Flag

SECTOR: Final = 512
TORN_EACH: Final = 3  # cuts in the midst of each stretch, besides the one at its beginning
MOST_TRIES: Final = 200  # a stretch of one small write has few different cuts


class Stretch(NamedTuple):
    """From one flush to the next: what is before ``first`` is on the card, ``first`` to ``end`` may be."""

    first: int
    end: int


class Landed(NamedTuple):
    """So many bytes of this entry, from its beginning, reached the card."""

    entry: int
    length: int


class Cut(NamedTuple):
    """One cut: all before ``flushed`` is on the card, and what has ``landed`` of the entries from there to ``at``."""

    flushed: int
    at: int
    landed: tuple[Landed, ...]


def stretches(every: Sequence[Entry]) -> list[Stretch]:
    """Where the log's flushes part it; stretches in which nothing was written are left out."""
    found, first = [], 0
    for number, entry in enumerate(every):
        if Flag.FLUSH not in entry.flags:
            continue
        if number > first:
            found.append(Stretch(first, number))
        # a flush that brings bytes of its own: they come after it
        first = number if entry.length else number + 1
    if first < len(every):
        found.append(Stretch(first, len(every)))
    return found


def cuts(every: Sequence[Entry], count: int, chance: random.Random) -> list[Cut]:
    """``count`` different cuts in the log's order; of each stretch that is met the one at its beginning is among them.

    Half the stretches are drawn from all of them alike (each commit of a record is one), half by the writes in them (a
    film has many), and the last flush is one of them. Fewer where the log has not so many.
    """
    all_ = stretches(every)
    met: set[Stretch] = set()
    chosen = {Cut(number + 1, number + 1, ()) for number in _flushes(every)[-1:]}
    for _ in range(MOST_TRIES * count):
        if len(chosen) >= count or not all_:
            break
        stretch = chance.choice(all_)
        if chance.random() < 0.5:
            stretch = chance.choices(all_, [each.end - each.first for each in all_])[0]
        new = {Cut(stretch.first, stretch.first, ())} if stretch not in met else set()
        met.add(stretch)
        new |= {within(every, stretch, chance) for _ in range(TORN_EACH)}
        chosen |= set(sorted(new - chosen)[: count - len(chosen)])
    return sorted(chosen)


def _flushes(every: Sequence[Entry]) -> list[int]:
    return [number for number, entry in enumerate(every) if Flag.FLUSH in entry.flags and not entry.length]


def within(every: Sequence[Entry], stretch: Stretch, chance: random.Random) -> Cut:
    """One cut in the midst of a stretch: in order, in any order, or only what came last."""
    at = chance.randint(stretch.first + 1, stretch.end)
    flight = [number for number in range(stretch.first, at) if every[number].length]
    way = chance.choice(("in order", "any", "any", "the last"))
    if way == "in order":
        there = flight
        torn = flight[-1:]
    elif way == "any":
        share = chance.choice((0.1, 0.5, 0.9))
        there = [each for each in flight if chance.random() < share]
        torn = [chance.choice(there)] if there else []
    else:
        there = flight[-chance.randint(1, len(flight)) :] if flight else []
        torn = there[:1]
    durable = [each for each in flight[:-1] if Flag.FUA in every[each].flags]
    kept = sorted({*there, *durable})
    landed = (_landed(every, each, each in torn and each not in durable, chance) for each in kept)
    return Cut(stretch.first, at, tuple(each for each in landed if each.length))


def _landed(every: Sequence[Entry], number: int, torn: bool, chance: random.Random) -> Landed:  # noqa: FBT001 - as drawn
    length = every[number].length
    return Landed(number, chance.randint(0, length // SECTOR) * SECTOR if torn else length)
