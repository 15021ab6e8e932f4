"""The TV's own plug on the carrier board's relay, through gpiozero. Open, the TV has no power: that is sure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from gpiozero import OutputDevice  # type: ignore[import-untyped]  # gpiozero brings no types

from estation_box.drivers import pins
from estation_box.television.interfaces import PowerTold, Told
from estation_box.television.rules import Order, Power


class RelayError(Exception):
    """The pin cannot be used; the text says which and why."""


class RelayWire:
    """See `television.interfaces.Wire`. Closed, nobody knows whether the TV behind it is on."""

    def __init__(self, put: Callable[[Told], None], *, factory: Any = None) -> None:
        """``factory``: gpiozero's pin factory, None for that of this machine. Raises `RelayError`."""
        self._put = put
        try:
            self._relay = OutputDevice(pins.RELAY, initial_value=None, pin_factory=factory)
        except Exception as error:  # lgpio, on the Pi alone, says «GPIO busy» by a bare Exception
            msg = f"the relay on GPIO {pins.RELAY} cannot be used: {error}"
            raise RelayError(msg) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let the pin go: the relay opens."""
        self._relay.close()

    def send(self, order: Order) -> bool:
        """See `Wire.send`."""
        if order is Order.WAKE:
            self._relay.on()
        elif order is Order.STANDBY:
            self._relay.off()
        elif order is not Order.ASK:
            return False
        self._put(PowerTold(Power.UNKNOWN if self._relay.value else Power.OFF))
        return True
