"""How fast a copy goes, and how long it still takes. Pure: bytes and seconds are handed in."""

from __future__ import annotations

from collections import deque
from math import ceil
from typing import Final

WINDOW_SECONDS: Final = 10.0  # a card that flushes stands still for a second or two; nobody wants to see that
SHORTEST_SECONDS: Final = 1.0  # of less than this no speed can be told
MARK_EVERY_SECONDS: Final = 0.5  # how finely the window moves
MOST_BYTES_PER_SECOND: Final = 10**10
MOST_SECONDS: Final = 7 * 24 * 3600


class Speed:
    """Bytes a second over the last `WINDOW_SECONDS` of work. What was proved but not copied is not handed in."""

    def __init__(self) -> None:
        self._bytes = 0
        self._busy = 0.0
        self._marks = deque([(0.0, 0)])  # at most 21: busy seconds, and the bytes by then

    def moved(self, count: int, seconds: float) -> None:
        """``count`` more bytes came, and took ``seconds``."""
        self._bytes += count
        self._busy += max(seconds, 0.0)
        if self._busy - self._marks[-1][0] >= MARK_EVERY_SECONDS:
            self._marks.append((self._busy, self._bytes))
        while len(self._marks) > 1 and self._busy - self._marks[1][0] >= WINDOW_SECONDS:
            self._marks.popleft()

    @property
    def per_second(self) -> int:
        """Bytes a second; 0 while it is not known."""
        since, before = self._marks[0]
        lasted = self._busy - since
        if lasted < SHORTEST_SECONDS:
            return 0
        return min(int((self._bytes - before) / lasted), MOST_BYTES_PER_SECOND)

    def seconds_left(self, count: int) -> int:
        """Whole seconds that ``count`` more bytes take, at least one; 0 while it is not known."""
        rate = self.per_second
        return min(max(ceil(count / rate), 1), MOST_SECONDS) if rate else 0
