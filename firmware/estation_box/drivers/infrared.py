"""The TV's own infrared code, through the supervisor's LED. Nothing is ever heard of the TV on this way.

Only a code that switches on and never off is sent: one that toggles would switch a TV off that is on.
"""

from __future__ import annotations

from estation_box.guarding.interfaces import Line
from estation_box.television.rules import Order
from estation_wire import supervisor_words as words


class InfraredWire:
    """See `television.interfaces.Wire`. ``on``: the payload of the frame IR_SEND, see `estation_wire.infrared`."""

    def __init__(self, line: Line, on: bytes) -> None:
        self._line = line
        self._on = on

    def send(self, order: Order) -> bool:
        """See `Wire.send`: a TV of which nothing is known is woken, and left as it is afterwards."""
        return order is Order.WAKE and bool(self._on) and self._line.send(words.IR_SEND, self._on)
