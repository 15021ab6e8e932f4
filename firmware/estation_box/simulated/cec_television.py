"""A TV on an HDMI cable, as `cec-ctl` would tell of it: it wakes slowly, obeys or does not, and people switch it.

It is the `Wire`, and tells in the bytes of the bus, through the same reader as the real driver. Time is handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from estation_box.television import cec_words as words
from estation_box.television.interfaces import SourceTold, Told
from estation_box.television.rules import Order, Power, Source

OURS, OTHERS = 0x1000, 0x2000
_STATUS: Final = {Power.ON: 0, Power.OFF: 1, Power.COMING: 2, Power.GOING: 3, Power.UNKNOWN: 9}


class Habits(NamedTuple):
    """How one make of TV behaves. ``warms``: seconds from coming on to its picture.

    ``dozes``: seconds after being woken in which it still says that it is off, and hears no other word.
    """

    warms: float = 6.0
    dozes: float = 0.0
    wakes: bool = True  # obeys «image view on»
    tells_power: bool = True  # answers; others abort the question
    takes: bool = True  # obeys «active source»
    goes: bool = True  # obeys «standby»
    says: bool = True  # tells by itself that somebody has switched it on; many do not


class SimulatedCecTelevision:
    """See `television.interfaces.Wire`."""

    def __init__(self, put: Callable[[Told], None], habits: Habits | None = None) -> None:
        self._put = put
        self._habits = habits or Habits()
        self.power = Power.OFF
        self.input = OTHERS
        self.asked: list[Order] = []
        self._warm_at: float | None = None
        self._up = 0.0
        self._risen: float | None = None

    def pass_to(self, up: float) -> None:
        """Let time pass to the monotonic second ``up``."""
        self._up = up
        if self._risen is not None and up >= self._risen:
            self._risen = None
            self.power = Power.COMING if self.power is Power.OFF else self.power
        if self.power is Power.COMING:
            if self._warm_at is None:
                self._warm_at = up + self._habits.warms
            elif up >= self._warm_at:
                self.power, self._warm_at = Power.ON, None
                self._say(0x04, words.REPORT_POWER, _STATUS[Power.ON])

    def send(self, order: Order) -> bool:
        """See `Wire.send`."""
        self.asked.append(order)
        if order is Order.WAKE and self._habits.wakes and self.power is Power.OFF:
            self._risen = self._up + self._habits.dozes
            self.pass_to(self._up)
        elif order is Order.TAKE:
            self._put(SourceTold(Source.OURS))  # as the driver: it went out
            if self._risen is not None:
                return True
            if self._habits.takes:
                self.input = OURS
            else:
                self._route()
        elif order is Order.RELEASE and self.input == OURS:
            self.input = OTHERS
            self._route()
        elif order is Order.STANDBY and self._habits.goes:
            self.power = Power.OFF
            self._say(0x0F, words.STANDBY)
        elif order is Order.ASK and self._habits.tells_power:
            self._say(0x04, words.REPORT_POWER, _STATUS[self.power])
        elif order is Order.ASK:
            self._say(0x04, words.FEATURE_ABORT, words.GIVE_POWER, 0)
        return True

    # people

    def remote_power(self) -> None:
        """Somebody presses the power key of the TV's own remote."""
        if self.power in {Power.ON, Power.COMING}:
            self.power = Power.OFF
            self._say(0x0F, words.STANDBY)
            return
        self.power = Power.ON
        if self._habits.says:
            self._say(0x04, words.REPORT_POWER, _STATUS[Power.ON])

    def remote_input(self) -> None:
        """Somebody chooses the next source."""
        if self.power is Power.ON:
            self.input = OTHERS if self.input == OURS else OURS
            self._route()

    def key(self, code: int) -> None:
        """Somebody presses a key that the TV hands on."""
        if self.power is Power.ON and self.input == OURS:
            self._say(0x04, words.USER_CONTROL_PRESSED, code)

    def _route(self) -> None:
        self._say(0x0F, words.ROUTING_CHANGE, 0, 0, *self.input.to_bytes(2, "big"))

    def says(self, message: bytes) -> None:
        """The TV sends these bytes: read as the driver reads them, and told."""
        heard = words.told(message, OURS)
        if heard is not None:
            self._put(heard)

    def _say(self, *message: int) -> None:
        self.says(bytes(message))
