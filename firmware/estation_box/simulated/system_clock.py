"""A machine's clocks that a test turns by hand."""

from __future__ import annotations

from datetime import datetime, timedelta


class SimulatedSystemClock:
    """See `SystemClock`. ``true`` is the real time, of which the machine knows nothing until it is synchronised."""

    def __init__(self, true: datetime, wall: datetime, up: float = 20.0) -> None:
        self.true = true
        self._wall = wall
        self._up = up
        self.is_synchronised = False
        self.may_set = False

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.true += timedelta(seconds=seconds)
        self._wall += timedelta(seconds=seconds)
        self._up += seconds

    def step_wall(self, seconds: float) -> None:
        """Somebody sets the system's clock."""
        self._wall += timedelta(seconds=seconds)

    def wall(self) -> datetime:
        """See `SystemClock.wall`."""
        return self.true if self.is_synchronised else self._wall

    def up(self) -> float:
        """See `SystemClock.up`."""
        return self._up

    def synchronised(self) -> bool:
        """See `SystemClock.synchronised`."""
        return self.is_synchronised

    def set(self, instant: datetime) -> bool:
        """See `SystemClock.set`."""
        if self.may_set:
            self._wall = instant
        return self.may_set
