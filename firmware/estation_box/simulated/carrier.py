"""A carrier board whose parts a test takes off, and the person who has built it."""

from __future__ import annotations

from datetime import datetime

from estation_box.clock.interfaces import RealTimeClock
from estation_box.guarding.trial import BoardError, NoChipError
from estation_box.library.said import Said


class SimulatedCarrier:
    """See `trial.Board`. What is in ``broken`` does not work, what is in ``taken`` is held by another program."""

    def __init__(self, rtc: RealTimeClock, *, fitted: bool = True, supervisor: bool = True) -> None:
        self._rtc = rtc
        self._fitted = fitted
        self.supervisor = supervisor
        self.broken: set[str] = set()
        self.taken: set[str] = set()
        self.shining = self.closed = False
        self.finger = False

    def fitted(self) -> bool:
        """See `Board.fitted`."""
        return self._fitted

    def clock(self) -> datetime | None:
        """See `Board.clock`."""
        if "clock" in self.broken:
            msg = "nothing at 0x68"
            raise NoChipError(msg)
        return self._rtc.read()

    def heard(self, within_seconds: float) -> int:
        """See `Board.heard`: eleven bytes a second, as of a HELLO."""
        self._free("serial port")
        return int(11 * within_seconds) if self.supervisor and "serial port" not in self.broken else 0

    def pressed(self, within_seconds: float) -> bool:  # noqa: ARG002  # the finger does not let one wait
        """See `Board.pressed`."""
        self._free("button")
        return self.finger and "button" not in self.broken

    def light(self, *, on: bool) -> None:
        """See `Board.light`."""
        self._free("light")
        self.shining = on and "light" not in self.broken

    def relay(self, *, on: bool) -> None:
        """See `Board.relay`."""
        self._free("relay")
        self.closed = on and "relay" not in self.broken

    def echo(self, within_seconds: float) -> bool | None:  # noqa: ARG002  # light is quick
        """See `Board.echo`."""
        return "infrared" not in self.broken if self.supervisor else None

    def _free(self, name: str) -> None:
        if name in self.taken:
            msg = f"the {name} is held by another program"
            raise BoardError(msg)


class HonestPerson:
    """See `trial.Person`: says what is to be seen, and presses the button when asked to."""

    def __init__(self, board: SimulatedCarrier, *, relay_allowed: bool = True) -> None:
        self._board = board
        self._relay_allowed = relay_allowed
        self.heard: list[Said] = []

    def hint(self, text: Said) -> None:
        """See `Person.hint`."""
        self.heard.append(text)
        self._board.finger = True

    def confirms(self, question: Said) -> bool:
        """See `Person.confirms`."""
        self.heard.append(question)
        if "may it be tried" in question.en:
            return self._relay_allowed
        seen = self._board.closed if "TV" in question.en else self._board.shining
        return not seen if "dark" in question.en or "without" in question.en else seen
