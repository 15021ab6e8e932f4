"""The Pi's side of the supervisor: beats while the promise holds, a GOODBYE before a wanted end, and what it tells.

The board is optional: without one everything is sent into nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final, NamedTuple

from estation_box.guarding import ladder
from estation_box.guarding.door import Counters, Door
from estation_box.guarding.interfaces import Heard, Line
from estation_wire import supervisor_heard
from estation_wire import supervisor_words as words

BEAT_SECONDS: Final = 5.0  # a dozen may be lost before the supervisor warns
HELLO_SECONDS: Final = 2.0
PARAMETERS_SECONDS: Final = 60.0  # a frame may be lost, and it does not say whose times are in force
SILENT_SECONDS: Final = 30.0  # it tells its state every 2 s
log = logging.getLogger(__name__)


class Told(NamedTuple):
    """What the journal is told of the supervisor: a fault (True) or its end; ``detail`` in plain words."""

    what: str
    wrong: bool
    detail: str = ""
    seconds: float = 0.0


class Guard:
    """Call `tick` about once a second. ``cuts``: how often it has ever cut the power; None: not heard."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._beaten = self._greeted = self._told_parameters = float("-inf")
        self._heard_at: float | None = None
        self._silent_since: float | None = None
        self.cuts: int | None = None
        self.door = Door()
        """What the supervisor counts at the door."""

    def tick(
        self, up: float, health: int | None, position: float = 0.0, pause: float = 0.0, utc: datetime | None = None
    ) -> list[Told]:
        """``health``: one of HEALTH_*, None while nothing may be said; ``position`` and ``pause`` in seconds.

        ``utc``: None while the box itself only guesses; the supervisor wants it for its log alone.
        """
        told = [each for heard in self._line.hear() for each in self._take(heard, up)]
        if self._silent(up):
            if up - self._greeted >= HELLO_SECONDS:
                self._greeted = up
                self._line.send(words.HELLO, words.say(words.HELLO, 0, 0, 0))
            if self._heard_at is not None and self._silent_since is None:
                self._silent_since = self._heard_at
                told.append(Told("supervisor-silent", wrong=True, detail="the supervisor says nothing any more"))
        elif up - self._told_parameters >= PARAMETERS_SECONDS:
            self._told_parameters = up
            self._line.send(words.PARAMETERS, words.say(words.PARAMETERS, *ladder.supervisor_parameters()))
            if utc is not None:
                self._line.send(words.TIME, words.say(words.TIME, int(utc.timestamp() * 1000)))
        if health is not None and up - self._beaten >= BEAT_SECONDS:
            self._beaten = up
            milliseconds = int(max(position, 0.0) * 1000) & 0xFFFFFFFF
            asked = min(int(pause), words.MAX_PAUSE_S)
            self._line.send(words.BEAT, words.say(words.BEAT, health, milliseconds, asked))
        return told

    def goodbye(self, word: int) -> None:
        """A wanted end, `supervisor_words.REBOOTING` or ``HALTING``: it shall not cut."""
        self._line.send(words.GOODBYE, words.say(words.GOODBYE, word))

    def _silent(self, up: float) -> bool:
        return self._heard_at is None or up - self._heard_at >= SILENT_SECONDS

    def _take(self, heard: Heard, up: float) -> list[Told]:
        told = []
        if self._silent_since is not None:
            told.append(Told("supervisor-silent", wrong=False, seconds=up - self._silent_since))
        self._silent_since, self._heard_at = None, up
        numbers = words.read(heard.kind, heard.payload)
        if heard.kind == words.HELLO:
            self._told_parameters = float("-inf")  # it began anew
        elif heard.kind == words.STATUS and numbers is not None:
            self.cuts = numbers[1]
        elif heard.kind == words.COUNTERS and numbers is not None:
            self.door.heard(up, Counters(*numbers[:2]))
        elif heard.kind == words.LOG:
            _log(heard.payload)
        elif heard.kind == words.WARNING and numbers is not None:
            detail = f"no healthy beat: the power is cut in {numbers[0]} s"
            told.append(Told("supervisor-warns", wrong=True, detail=detail))
        return told


def _log(payload: bytes) -> None:
    """A line of the supervisor's log, into ours; what cannot be printed would forge another line."""
    line = supervisor_heard.read_line(payload)
    if line is not None:
        level, text = line
        log.log(min(level, logging.CRITICAL), "%s", "".join(letter if letter.isprintable() else "?" for letter in text))
