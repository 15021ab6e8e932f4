"""What the supervisor says: numbered frames, and its log (micropython-lib `logging`) as frames too."""

import logging
from struct import pack

from estation_wire import supervisor_words as words
from estation_wire.infrared import LONGEST_US, MAX_PULSES
from estation_wire.supervisor_frame import encode


class _ToThePi(logging.Handler):
    """A handler of the module logging, in the part that CPython's and micropython-lib's have in common."""

    def __init__(self, voice) -> None:
        logging.Handler.__init__(self)
        self._voice = voice

    def emit(self, record) -> None:
        self._voice.frame(words.LOG, words.line(record.levelno, self.format(record)))


class Voice:
    """Frames to the Pi over ``board``, in order; a frame that finds no room is lost, as on any line."""

    def __init__(self, board) -> None:
        self._board = board
        self._number = 0
        self._dated = False
        self.log = logging.getLogger("supervisor")
        self.log.setLevel(logging.INFO)
        for old in list(self.log.handlers):
            self.log.removeHandler(old)
        handler = _ToThePi(self)
        handler.setFormatter(logging.Formatter("%(message)s"))
        self.log.addHandler(handler)

    def frame(self, kind: int, payload: bytes) -> None:
        """One frame."""
        self._number = self._number + 1 & 0xFFFF
        self._board.write(encode(kind, payload, self._number))

    def say(self, kind: int, *numbers: int) -> None:
        """One frame of fixed form."""
        self.frame(kind, words.say(kind, *numbers))

    def pulses(self, seen: list) -> None:
        """IR_LEARNT: what the receiver saw; a code that is longer than a frame is not said in part."""
        if len(seen) > MAX_PULSES or (seen and max(seen) > LONGEST_US):
            self.log.warning("infrared: %d pulses are too many", len(seen))
            seen = []
        self.frame(words.IR_LEARNT, pack(f"<{len(seen)}H", *seen))

    def clock(self, utc_ms: int, ticks: int) -> None:
        """The Pi says the time. It is noted in the log the first time, so that the Pi can date earlier lines."""
        if not self._dated:
            self._dated = True
            self.log.info("time %d at tick %d", utc_ms, ticks)
