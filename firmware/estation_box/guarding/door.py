"""The light barrier at the door, as the supervisor counts it: so many passages, and nothing of who it was. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from estation_wire import supervisor_heard

GATHERING_SECONDS: Final = 900.0  # people come to a film from a quarter of an hour before it
SAMPLE_SECONDS: Final = 30.0  # how exactly that quarter is kept
SILENT_SECONDS: Final = 10.0  # the counters are told every 2 s


class Counters(NamedTuple):
    """What COUNTERS says: how often the supervisor has started, and passages since; both cumulative."""

    starts: int
    passages: int


class Door:
    """Call `heard` with each COUNTERS; ``up`` in seconds of the boot. Without a board nothing is ever heard."""

    def __init__(self) -> None:
        self._last: Counters | None = None
        self._heard_at = float("-inf")
        self._total = 0
        self._samples: deque[tuple[float, int]] = deque()

    def heard(self, up: float, counters: Counters) -> None:
        """The counters as they are now. A lost frame loses nothing, the next one says it all."""
        self._total += supervisor_heard.gained(self._last, counters)
        self._last, self._heard_at = counters, up
        if not self._samples or up - self._samples[-1][0] >= SAMPLE_SECONDS:
            self._samples.append((up, self._total))
        while len(self._samples) > 1 and self._samples[1][0] <= up - GATHERING_SECONDS:
            self._samples.popleft()

    def counters(self, up: float) -> Counters | None:
        """As they were last heard; None while the line is silent."""
        return self._last if up - self._heard_at < SILENT_SECONDS else None

    def gathered(self) -> int:
        """Passages within the last `GATHERING_SECONDS`, or since this door was first heard of."""
        return self._total - self._samples[0][1] if self._samples else 0
