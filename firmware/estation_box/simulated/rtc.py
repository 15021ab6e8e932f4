"""A battery-backed clock whose battery a test takes out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SimulatedRtc:
    """See `RealTimeClock`. ``true`` is the real time, by which it runs.

    It runs through `cut_power` while its battery holds; with a flat one it stops, and knows nothing until it is set.
    """

    def __init__(self, true: Callable[[], datetime]) -> None:
        self._true = true
        self._ahead: timedelta | None = None
        self.fitted = True
        self.battery_holds = True

    def cut_power(self) -> None:
        """The box is without power for a while."""
        if not self.battery_holds:
            self._ahead = None

    def run_wrong(self, seconds: float) -> None:
        """It has run ahead by so much: the cold, or an old battery. Behind where it is negative."""
        if self._ahead is not None:
            self._ahead += timedelta(seconds=seconds)

    def read(self) -> datetime | None:
        """See `RealTimeClock.read`."""
        if not self.fitted or self._ahead is None:
            return None
        return (self._true() + self._ahead).replace(microsecond=0)

    def set(self, instant: datetime) -> bool:
        """See `RealTimeClock.set`."""
        if self.fitted:
            nearest = (instant.astimezone(UTC) + timedelta(seconds=0.5)).replace(microsecond=0)
            self._ahead = nearest - self._true()
        return self.fitted
