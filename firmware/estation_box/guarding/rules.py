"""What is watched is not a process but a promise: when a session is on, its picture moves. Pure.

Core tells PID 1 that it is alive only while this holds, or is being repaired within its budget. With nothing on,
idleness is healthy. A still picture of the programme moves by its own clock; the player says so.
"""

from __future__ import annotations

from typing import Final

from estation_wire.supervisor_words import HEALTH_IDLE, HEALTH_PLAYING

BUDGET_SECONDS: Final = 40.0  # the first rung takes 4 s twice and a new player 2 s; a card that stalls may do so thrice


class Promise:
    """Whether the box does what its programme says, as far as core can see it."""

    def __init__(self, up: float) -> None:
        self._good_at = up
        self._playing = False

    def seen(self, up: float, *, on_screen: bool, moving: bool) -> None:
        """At ``up`` seconds a session was on or not, and its picture moved or not."""
        self._playing = on_screen
        if moving or not on_screen:
            self._good_at = up

    def holds(self, up: float) -> bool:
        """It holds, or is being repaired within its budget."""
        return up - self._good_at <= BUDGET_SECONDS

    def health(self, up: float) -> int | None:
        """What the supervisor is told: the picture moves, or nothing is due; None while the promise is broken."""
        if not self.holds(up):
            return None
        return HEALTH_PLAYING if self._playing else HEALTH_IDLE
