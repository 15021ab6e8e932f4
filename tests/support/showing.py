"""What a viewer would have seen, read from the changes of one pixel."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from tests.support.clips import TONES, hue_of, tone_of
from tests.support.framebuffer import Change, black

CARD = (14, 27, 36)  # the ground of the cards
WINDOW = 0.5  # seconds
SLACK = 1.08  # a frame may fall to either side of a window; the sum is right
SHORTEST_BLACK = 0.002  # seconds; less is a picture torn by our own reading


def black_seconds(spans: list[tuple[Change, float]]) -> float:
    """For how long the screen was black."""
    return sum(length for change, length in spans if black(change.pixel) and length > SHORTEST_BLACK)


def seen_seconds(changes: list[Change], fps: float) -> float:
    """For how long a flip clip was seen to move: its new pictures at ``fps``, each half second bounded.

    A damaged picture is a picture too. Up to three frames that the reading missed are made up for. The bound on each
    half second leaves out what a player that catches up runs through faster than people live.
    """
    windows: dict[int, float] = {}
    pictures = [change for change in changes if change.pixel != CARD and not black(change.pixel)]
    for before, after in pairwise([None, *pictures]):
        if after is not None:
            window = int(after.at / WINDOW)
            windows[window] = windows.get(window, 0.0) + _steps(before, after) / fps
    return sum(min(seen, WINDOW * SLACK) for seen in windows.values())


def _steps(before: Change | None, after: Change) -> int:
    """How many frames lie between two pictures; 0 where the second is the first one, drawn to its end."""
    if before is None or hue_of(before.pixel) is None or hue_of(before.pixel) != hue_of(after.pixel):
        return 1
    return (tone_of(after.pixel) - tone_of(before.pixel)) % len(TONES)


class Handover(NamedTuple):
    """``gap``: seconds from the last new frame of one clip to the first of the next; None after a still."""

    before: str
    after: str
    gap: float | None
    was_black: bool


def handovers(spans: list[tuple[Change, float]]) -> list[Handover]:
    """Each change from one hue to another."""
    found = []
    hue, at, frames_seen, was_black = None, 0.0, 0, False
    for change, length in spans:
        now = hue_of(change.pixel)
        if now is None:
            was_black = was_black or (black(change.pixel) and length > SHORTEST_BLACK)
            continue
        if hue is not None and now != hue:
            found.append(Handover(hue, now, change.at - at if frames_seen > 2 else None, was_black))
            frames_seen = 0
        hue, at, frames_seen, was_black = now, change.at, frames_seen + 1, False
    return found
