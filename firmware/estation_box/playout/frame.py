"""The screen that people see: its shape, and the edge that an old set hides. Pure.

Cards are laid out for 16:9 and keep clear of their own outer 5 per cent. On a screen of 4:3 they stand across its whole
width with their ground above and below, on one that hides more than 5 per cent a little smaller: the words' own margin
and the set's are one. Films keep clear of the hidden edge by themselves.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from estation_box.playout.drawing import HEIGHT, WIDTH, moved

_CLEAR: Final = 0.9  # of a card's width is between its own margins


class Frame(NamedTuple):
    """How a card lies on the screen: the screen in the card's own units, and where in it the card begins."""

    width: int
    height: int
    margin: float
    """Share of the screen that is hidden at each edge."""

    @property
    def corner(self) -> tuple[float, float]:
        """How far a card begins from the screen's upper left corner."""
        return (self.width - WIDTH) / 2, (self.height - HEIGHT) / 2

    def placed(self, ass: str) -> str:
        """The events of a card, or of words over a picture, where they are seen on this screen."""
        across, down = self.corner
        return moved(ass, across, down) if across or down else ass


def frame(wide: float, hidden: int) -> Frame:
    """The frame of a screen that is ``wide`` times as wide as high and hides ``hidden`` per cent at each edge."""
    margin = hidden / 100
    width = round(WIDTH * max(1.0, _CLEAR / (1 - 2 * margin)))
    return Frame(width, round(width / wide), margin)


WHOLE: Final = frame(WIDTH / HEIGHT, 0)
"""A screen of 16:9 that hides nothing."""
