"""What a contact that closes and opens means: a short press, a long one, a double one, or nothing. Pure.

A cheap button chatters, a long cable catches the lift's motor, and a child leans on it: none of that is a press.
"""

from __future__ import annotations

from typing import Final

from estation_box.programme.courtesy import Press

LONG_SECONDS: Final = 1.5  # nobody holds a button so long by chance; longer, and people think that it is broken
CHATTER_SECONDS: Final = 0.03  # a contact that is closed for less is no finger
DOUBLE_SECONDS: Final = 0.6  # from one short press to the next that makes it a double one
APART_SECONDS: Final = 0.25  # between two presses that are told: four a second is the most that core is asked


class Contact:
    """One button, edge by edge. Every method is told when, in monotonic seconds.

    ``long_seconds``: held for so long it is a long press, told while the finger is still there. A short press is told
    at once, for nobody waits for a button; the second one that makes it a double press is told as such.
    """

    def __init__(self, long_seconds: float = LONG_SECONDS) -> None:
        self._long = long_seconds
        self._closed_at: float | None = None
        self._told_at = -APART_SECONDS
        self._last: Press | None = None

    def closed(self, up: float) -> None:
        """The finger is on it."""
        if self._closed_at is None:
            self._closed_at = up

    def held(self, up: float) -> Press | None:
        """The finger is still on it: a long press, once."""
        began = self._closed_at
        if began is None or up - began < self._long:
            return None
        self._closed_at = None  # what is left of this press says nothing more
        return self._told(Press.LONG, up)

    def opened(self, up: float) -> Press | None:
        """The finger is gone; what the press was, None where it was told already or was none."""
        began, self._closed_at = self._closed_at, None
        if began is None or up - began < CHATTER_SECONDS:
            return None
        return self._told(Press.LONG if up - began >= self._long else Press.SHORT, up)

    def _told(self, press: Press, up: float) -> Press | None:
        since = up - self._told_at
        if since < APART_SECONDS:
            return None
        again = self._last is Press.SHORT and press is Press.SHORT and since <= DOUBLE_SECONDS
        self._told_at, self._last = up, Press.DOUBLE if again else press
        return self._last
