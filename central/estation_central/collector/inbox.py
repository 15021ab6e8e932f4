"""Where the broker's thread leaves messages for the loop: bounded by number and by bytes."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from estation_central.collector.interfaces import Arrival

INBOX_MESSAGES: Final = 20_000  # what a prefecture's boxes send in the first seconds after a broker's restart
INBOX_BYTES: Final = 32 * 1024 * 1024  # 128 of the largest batches; the rest is sent again by the boxes
_OVERHEAD_BYTES: Final = 300  # of a message in memory, beside its payload


class Inbox:
    """A queue that drops and counts what there is no room for."""

    def __init__(self, messages: int = INBOX_MESSAGES, size: int = INBOX_BYTES) -> None:
        self._messages = messages
        self._room = size
        self._waiting: deque[Arrival] = deque()
        self._changed = threading.Condition()
        self.dropped = 0

    def put(self, arrival: Arrival) -> None:
        """Leave a message; never waits."""
        size = len(arrival.payload) + _OVERHEAD_BYTES
        with self._changed:
            if len(self._waiting) >= self._messages or size > self._room:
                self.dropped += 1
                return
            self._room -= size
            self._waiting.append(arrival)
            self._changed.notify()

    def take(self, wait: float) -> Arrival | None:
        """The oldest message; waits at most ``wait`` seconds for one."""
        with self._changed:
            if not self._waiting and wait > 0:
                self._changed.wait(wait)
            if not self._waiting:
                return None
            arrival = self._waiting.popleft()
            self._room += len(arrival.payload) + _OVERHEAD_BYTES
            return arrival
