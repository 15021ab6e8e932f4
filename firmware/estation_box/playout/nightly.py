"""When a player makes way for a new one though nothing is wrong: once a night, while nobody looks. Pure.

Nobody has run libmpv for years on one heap; a process that is a day old at most need not prove that it could.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from estation_box.playout.player_words import Phase

OLD_SECONDS: Final = 18 * 3600.0  # one that began in the evening stays for the night
QUIET_SECONDS: Final = 30 * 60.0  # behind a session people still stand in the room
NIGHT_BEGINS, NIGHT_ENDS = 1, 5  # local hours; on a box whose clock is wrong it is another quiet half-hour


class Nightly:
    """Told each sample of the screen; seconds are monotonic."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._quiet_since = began

    def makes_way(self, phase: Phase, now: float, wall: datetime) -> bool:
        """Whether the player shall leave now; ``wall`` is local time."""
        if phase not in {Phase.CARD, Phase.ENDED}:
            self._quiet_since = now
        old = now - self._began >= OLD_SECONDS
        quiet = now - self._quiet_since >= QUIET_SECONDS
        return old and quiet and NIGHT_BEGINS <= wall.hour < NIGHT_ENDS
