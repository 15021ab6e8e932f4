"""What the clock needs from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class SystemClock(Protocol):
    """The clocks of this machine. No method raises or waits."""

    def wall(self) -> datetime:
        """What the system takes for the time, in UTC."""
        ...

    def up(self) -> float:
        """Monotonic seconds since the machine's start; they never go back, and run while it sleeps."""
        ...

    def synchronised(self) -> bool:
        """Whether the system's own clock follows the network's time."""
        ...

    def set(self, instant: datetime) -> bool:
        """Set the system's clock where this process may; False where it may not."""
        ...


class RealTimeClock(Protocol):
    """A clock with a battery of its own. No method raises; each takes a few milliseconds on the chip's bus."""

    def read(self) -> datetime | None:
        """What it says, in UTC to the second; None where there is none, or it lost its power and knows it."""
        ...

    def set(self, instant: datetime) -> bool:
        """Set it, to the second; False where there is none, or it may not be set."""
        ...


class Document(Protocol):
    """One small document that is written in place."""

    def read(self) -> bytes | None:
        """The document; None where there is none. Raises `OSError`."""
        ...

    def write(self, data: bytes) -> None:
        """Keep the document. Raises `OSError`."""
        ...
