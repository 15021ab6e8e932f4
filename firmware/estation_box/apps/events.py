"""What core's threads put on its one queue. Callbacks only put; the loop takes off and decides."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from estation_box.library.sync_words import AnyWord
from estation_box.playout.player_words import AnyTelling
from estation_box.programme.courtesy import Press
from estation_box.remote.keys import Key
from estation_box.remote.phone import Asked, Question
from estation_box.television.interfaces import Told

QUEUE_EVENTS: Final = 1000  # two hundred seconds of a player's states: a loop later than that is dead anyway


class PlayerSays(NamedTuple):
    """The player told something."""

    telling: AnyTelling


class PlayerLost(NamedTuple):
    """The way to the player is gone; ``in_order``: it had said that it makes way for a new one."""

    in_order: bool = False


class StickMoved(NamedTuple):
    """A stick was put in at ``root``, or pulled (None)."""

    root: Path | None


class SyncSays(NamedTuple):
    """Sync, or the `estation` command, said something; ``answer`` takes the line that answers it."""

    word: AnyWord
    answer: Callable[[bytes], object]


class PictureTaken(NamedTuple):
    """The picture that a command asked for is made; empty where it could not be, with the reason ``why``."""

    command: str
    jpeg: bytes
    why: str = ""


class Pressed(NamedTuple):
    """Somebody pressed the button."""

    press: Press


class KeyPressed(NamedTuple):
    """Somebody pressed a key of a remote that is not the TV's own."""

    key: Key


class TvSays(NamedTuple):
    """The TV told something, or somebody pressed a key of its remote."""

    told: Told


class PhoneAsks(NamedTuple):
    """A phone wants to know how the box is, or which films there are; or somebody touched its page (``asked``).

    ``answer`` takes what it is told.
    """

    what: Question
    asked: Asked | None
    answer: Callable[[bytes], None]


class Leave(NamedTuple):
    """The unit is being stopped."""


class Queue:
    """The bounded queue between the threads and the loop. What does not fit is counted and dropped."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Any] = queue.Queue(QUEUE_EVENTS)
        self.dropped = 0

    def put(self, event: Any) -> None:
        """Put one event; never blocks."""
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            self.dropped += 1

    def get(self, timeout: float) -> Any:
        """The next event, or None after ``timeout`` seconds."""
        try:
            return self._queue.get(timeout=timeout) if timeout > 0 else self._queue.get_nowait()
        except queue.Empty:
            return None
