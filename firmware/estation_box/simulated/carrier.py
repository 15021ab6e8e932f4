"""A carrier board whose parts a test takes off, and the person who has built it."""

from __future__ import annotations

from datetime import datetime

from estation_box.clock.interfaces import RealTimeClock
from estation_box.guarding.trial import BoardError, NoChipError, Supervisor
from estation_box.words import Said
from estation_wire.infrared import ordered


class SimulatedCarrier:
    """See `trial.Board`. What is in ``broken`` does not work, what is in ``taken`` is held by another program."""

    def __init__(self, rtc: RealTimeClock, *, fitted: bool = True, supervisor: bool = True) -> None:
        self._rtc = rtc
        self._fitted = fitted
        self.has_supervisor = supervisor
        self.supply = 5100
        self.spared = 0
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

    def supervisor(self, within_seconds: float, spared_seconds: int) -> Supervisor:  # noqa: ARG002  # it answers at once
        """See `Board.supervisor`. A broken line lets noise through; at a low supply it says so."""
        self._free("serial port")
        if not self.has_supervisor:
            return Supervisor(0)
        if "serial port" in self.broken:
            return Supervisor(7)
        self.spared = spared_seconds
        return Supervisor(70, 1, 3, 1, self.supply, self.supply - 60)

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

    def echo(self, order: bytes, within_seconds: float) -> tuple[int, ...] | None:  # noqa: ARG002  # light is quick
        """See `Board.echo`: pulses come a little longer out of a receiver, and spaces shorter."""
        code = ordered(order)
        if not self.has_supervisor or "serial port" in self.broken or code is None:
            return None
        if "infrared" in self.broken:
            return ()
        lamp = (900, 900) if "lamp" in self.broken else ()
        return (*lamp, *(length - 80 if place & 1 else length + 80 for place, length in enumerate(code[1])))

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
