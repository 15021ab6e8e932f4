"""Pure decisions about room on the card: how much each film is needed, and which give way to one that is needed more.

What was shown last is core's to know, and a clock that woke in 1970 cannot say what was taken first. So of films that
are needed alike the largest goes: the fewest are lost, and the fewest are to be copied again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import IntEnum

from estation_box.library.rules import Demand, cheapest
from estation_wire.planner import FILL_MARGIN, Length


class Need(IntEnum):
    """How much this station needs a film; what is needed less gives way, what is needed alike never does."""

    GONE = 0
    """The catalogue names it no more."""
    USELESS = 1
    """Nothing can show it here: rules name it for other places, or none does and it counts for nothing."""
    SPARE = 2
    """No rule names it, but a made-up session may show it."""
    NAMED = 3
    """A rule names it, not within the horizon."""
    DUE = 4
    """A session of the horizon or a bulletin shows it, or made-up sessions would be too short without it."""


def needs(
    lengths: Mapping[str, Length], demand: Demand, sizes: Mapping[str, int], held: Collection[str]
) -> dict[str, Need]:
    """How much each content of the catalogue (its ``lengths`` and ``sizes``) is needed where these are ``held``."""
    due = {content for content in (*demand.this_week, *demand.due) if content in sizes}
    named = set(demand.named)
    filling = _filling(lengths, demand, sizes, {content for content in held if content in sizes}, due)
    found = {}
    for content in sizes:
        if content in due or content in filling:
            found[content] = Need.DUE
        elif content in named:
            found[content] = Need.NAMED
        elif content not in demand.others and _counting(lengths, content):
            found[content] = Need.SPARE
        else:
            found[content] = Need.USELESS
    return found


def victims(files: Mapping[str, int], needed: Mapping[str, Need], need: Need, short: int) -> tuple[str, ...]:
    """Which of ``files`` (bytes by id) give way, so that ``short`` bytes become free for something of this ``need``.

    None where all that is needed less would not be enough: nothing is removed for nothing.
    """
    less = [content for content in files if needed.get(content, Need.GONE) < need]
    less.sort(key=lambda content: (needed.get(content, Need.GONE), -files[content], content))
    chosen: list[str] = []
    for content in less:
        if short <= 0:
            break
        chosen.append(content)
        short -= files[content]
    if short > 0:
        return ()
    for content in reversed(chosen):  # what proves superfluous stays, the most needed first
        if short + files[content] <= 0:
            chosen.remove(content)
            short += files[content]
    return tuple(chosen)


def _filling(
    lengths: Mapping[str, Length], demand: Demand, sizes: Mapping[str, int], held: Collection[str], due: Collection[str]
) -> Collection[str]:
    """The held films that, with those that are due, last for a made-up session in the fewest bytes.

    All of them where they do not last: what is given up to-day would be copied again to-morrow.
    """
    lasting = sum(_counting(lengths, content) for content in held if content in due)
    missing = demand.minimum_seconds * FILL_MARGIN - lasting
    films = {
        content: (sizes[content], _counting(lengths, content))
        for content in sorted(held)
        if content not in due and content not in demand.others and _counting(lengths, content) > 0
    }
    if sum(length for _, length in films.values()) < missing:
        return films
    return cheapest(films, missing)


def _counting(lengths: Mapping[str, Length], content: str) -> float:
    length = lengths.get(content)
    return length.counting if length else 0.0
