"""What a session that nobody planned is made of: films that count, for as long as the minimum asks. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from estation_wire.planner import FILL_MARGIN, Length


class Stock(NamedTuple):
    """The films on the card that count: content id and seconds, in the catalogue's order."""

    films: Sequence[tuple[str, float]]

    def enough(self, seconds: float) -> bool:
        """Whether they last for ``seconds``."""
        return sum(length for _, length in self.films) >= seconds


def filled(stock: Stock, wished: Sequence[str], seconds: float, turn: int) -> tuple[str, ...]:
    """Films for ``seconds`` and `FILL_MARGIN`: those ``wished`` for, then others, beginning elsewhere each ``turn``.

    Fewer seconds where the card holds no more. Each film once.
    """
    lengths = dict(stock.films)
    others = [content for content, _ in stock.films]
    at = turn % len(others) if others else 0
    chosen: list[str] = []
    total = 0.0
    for content in dict.fromkeys([*wished, *others[at:], *others[:at]]):
        if total >= seconds * FILL_MARGIN:
            break
        if content in lengths:
            chosen.append(content)
            total += lengths[content]
    return tuple(chosen)


def reached(contents: Sequence[str], held: Mapping[str, Length], minimum: float) -> float | None:
    """How many seconds into a session of ``contents`` the minimum is reached, with what is held; None where never."""
    passed = counted = 0.0
    for content in contents:
        length = held.get(content)
        if length is None:
            continue
        if counted + length.counting >= minimum:
            return passed + minimum - counted
        passed += length.seconds
        counted += length.counting
    return None
