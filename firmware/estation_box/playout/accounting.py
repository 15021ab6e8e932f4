"""Seconds really shown, from samples of the picture's position: the formula and the stall rule of the design. Pure.

Wall time and the last position both say too much when a display hangs or a file is corrupt (measured: 4 to 6 s of 20).
This counts the position's advance, never faster than the wall, less the frames that the output dropped.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

FASTEST: Final = 1.05  # a picture that advances faster than the wall is catching up, not being seen
STALL_SECONDS: Final = 1.0  # a healthy clip never stands still for a second
STALL_FRAMES: Final = 10  # nor, where frames are rarer than ten a second, for ten frames
USUAL_FPS: Final = 25.0  # where neither the publisher nor the file says
STILL_GAP: Final = 1.0  # seconds between two answers that a still may be credited with
TAIL_GAP: Final = 0.25  # what the end of a file may add past the last sample: one sampling interval and its jitter

Kind = Literal["video", "still"]


class Meter(Struct, frozen=True, kw_only=True):
    """What one entry has shown so far. ``at``: the last sample; ``moved``: when the picture last moved."""

    kind: Kind
    fps: float
    at: float
    moved: float
    position: float = 0.0
    dropped: int = 0
    shown: float = 0.0


def begin(kind: Kind, fps: float | None, at: float, position: float, dropped: int) -> Meter:
    """The meter of an entry whose first picture stands at ``position`` at the monotonic second ``at``."""
    return Meter(kind=kind, fps=fps or USUAL_FPS, at=at, moved=at, position=position, dropped=dropped)


def advance(meter: Meter, at: float, position: float | None, dropped: int) -> Meter:
    """The meter after a sample; ``position`` None (the engine has no picture) counts nothing."""
    wall = max(at - meter.at, 0.0)
    if meter.kind == "still":
        return _still(meter, at, wall, there=position is not None)
    if position is None:
        return replace(meter, at=at, dropped=dropped)
    moved = min(max(position - meter.position, 0.0), FASTEST * wall)
    lost = min(max(dropped - meter.dropped, 0) / meter.fps, moved)
    return replace(
        meter,
        at=at,
        moved=at if position != meter.position else meter.moved,
        position=position,
        dropped=dropped,
        shown=meter.shown + moved - lost,
    )


def _still(meter: Meter, at: float, wall: float, *, there: bool) -> Meter:
    """A still's position never moves: its own time counts while the engine answers."""
    seen = min(wall, STILL_GAP) if there else 0.0
    return replace(meter, at=at, moved=at if there else meter.moved, shown=meter.shown + seen)


def finish(meter: Meter, at: float, duration: float | None) -> Meter:
    """The meter after the file ran to its end: what was seen since the last sample, where the picture was moving.

    ``duration`` is the file's own; a file that was cut short is credited with no more than a sampling interval.
    """
    if meter.moved < meter.at:
        return meter
    wall = min(max(at - meter.at, 0.0), TAIL_GAP)
    left = wall if meter.kind == "still" or duration is None else min(max(duration - meter.position, 0.0), wall)
    return replace(meter, at=at, moved=at, position=meter.position + left, shown=meter.shown + left)


def still_for(meter: Meter, at: float) -> float:
    """Seconds for which the picture should have moved and did not; 0 while that is healthy."""
    stood = at - meter.moved
    return stood if stood >= max(STALL_SECONDS, STALL_FRAMES / meter.fps) else 0.0
