"""Where the broker's thread leaves messages for the loop: bounded by number and by bytes, in all and for each station.

An honest box has one batch of a journal under way, and says hello, health and an answer now and then. One that sends
without waiting fills its own room and no other's: what is beyond it is dropped here, before anybody has read it, and
the others wait behind `STATION_MESSAGES` of its messages at the most.

Where many honest ones have filled it, the broker's thread waits for room, and the rest stays in the broker's queue:
what was dropped, its box would send again after 30 s, then after 60, while the loop here had nothing to do.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from estation_central.collector.interfaces import Arrival
from estation_wire.topics import Leaf

INBOX_MESSAGES: Final = 20_000  # what a prefecture's boxes send in the first seconds after a broker's restart
INBOX_BYTES: Final = 32 * 1024 * 1024  # 128 of the largest batches; the rest waits in the broker
STATION_MESSAGES: Final = 40  # a hello, batches of 16 journals once and again, status, health and answers
STATION_BYTES: Final = 1024 * 1024  # four of the largest batches
PATIENCE_SECONDS: Final = 5.0  # without a database; the broker's thread still answers in time that it lives
GATHER_SECONDS: Final = 0.002  # messages come in crowds: a loop that wakes for each stops the broker's thread each time
REST_SECONDS: Final = 0.2  # sixteen messages of a live prefecture: one after the other they cost half of one by one
ALONE_SECONDS: Final = 0.005  # those of a crowd follow each other in a fraction of a millisecond
BUSY_SECONDS: Final = 1.0  # after a message that a box waits for an answer to, more of them are likely
_UNHURRIED: Final = tuple(f"/{leaf.value}" for leaf in (Leaf.STATUS, Leaf.HEALTH))
_OVERHEAD_BYTES: Final = 300  # of a message in memory, beside its payload


class Calm:
    """How long the broker's thread rests after a message: never while a box waits for an answer."""

    def __init__(self) -> None:
        self._busy_until = self._last = float("-inf")

    def rest(self, topic: str, up: float) -> float:
        """Seconds to rest after a message on ``topic`` at ``up`` (monotonic seconds); what comes meanwhile waits."""
        if not topic.endswith(_UNHURRIED):
            self._busy_until = up + BUSY_SECONDS
        alone = up - self._last >= ALONE_SECONDS
        self._last = up
        if up < self._busy_until or not alone:
            return 0.0
        self._last += REST_SECONDS
        return REST_SECONDS


class _Room:
    """What of one station waits."""

    __slots__ = ("messages", "size")

    def __init__(self) -> None:
        self.messages = self.size = 0


class Inbox:
    """A queue that drops and counts what there is no room for."""

    def __init__(
        self, messages: int = INBOX_MESSAGES, size: int = INBOX_BYTES, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._messages = messages
        self._room = size
        self._patience = patience
        self._waiting: deque[Arrival] = deque()
        self._stations: dict[str, _Room] = {}
        lock = threading.Lock()
        self._changed = threading.Condition(lock)
        self._left = threading.Condition(lock)
        self.dropped = 0

    def put(self, arrival: Arrival) -> None:
        """Leave a message (one thread does): dropped where its station's room is full, else it waits for room."""
        size = len(arrival.payload) + _OVERHEAD_BYTES
        station = _station(arrival)
        with self._changed:
            taken = self._stations.get(station) or _Room()
            crowded = taken.messages >= STATION_MESSAGES or taken.size + size > STATION_BYTES
            if crowded or not self._left.wait_for(lambda: self._has_room(size), self._patience):
                self.dropped += 1
                return
            taken.messages += 1
            taken.size += size
            self._stations[station] = taken
            self._room -= size
            self._waiting.append(arrival)
            if len(self._waiting) == 1:
                self._changed.notify()

    def take(self, wait: float) -> Arrival | None:
        """The oldest message; waits at most ``wait`` seconds for one."""
        with self._changed:
            if not self._waiting and wait > 0 and self._changed.wait(wait):
                self._changed.wait(GATHER_SECONDS)  # to its end: nobody is told again while something is there
            if not self._waiting:
                return None
            arrival = self._waiting.popleft()
            size = len(arrival.payload) + _OVERHEAD_BYTES
            self._room += size
            station = _station(arrival)
            taken = self._stations[station]
            taken.messages -= 1
            taken.size -= size
            if not taken.messages:
                del self._stations[station]
            self._left.notify()
            return arrival

    def _has_room(self, size: int) -> bool:
        return len(self._waiting) < self._messages and size <= self._room


def _station(arrival: Arrival) -> str:
    """Whose message it is, by its topic: all but the last part, whatever it is."""
    return arrival.topic.rpartition("/")[0]
