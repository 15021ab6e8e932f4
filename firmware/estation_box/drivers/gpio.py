"""The button and the light on pins of the header, through PyPI ``gpiozero`` 2 (Debian's 1.6 breaks with lgpio 0.2.2).

The pin is pulled up; the button closes it to ground. gpiozero's threads tell the edges, `Contact` what they mean.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Self

from gpiozero import LED, Button  # type: ignore[import-untyped]  # gpiozero brings no types

from estation_box.guarding.button import LONG_SECONDS, Contact
from estation_box.guarding.light import Shine
from estation_box.programme.courtesy import Press

_BLINKS: Final = {Shine.SLOW: 1.0, Shine.QUICK: 0.2}  # seconds on, and as long off: nobody takes one for the other
_HELD_LATER_SECONDS: Final = 0.01  # gpiozero's timer may be a hair early: the rule shall find the time to be over


class ButtonError(Exception):
    """The pin cannot be used; the text says which and why."""


class GpioButton:
    """The button on ``bcm`` (the SoC's own number, as in gpiozero); ``heard`` is called in gpiozero's threads."""

    def __init__(
        self, bcm: int, heard: Callable[[Press], None], *, factory: Any = None, long_seconds: float = LONG_SECONDS
    ) -> None:
        """``factory``: gpiozero's pin factory, None for that of this machine. Raises `ButtonError`."""
        self._heard = heard
        self._contact = Contact(long_seconds)
        self._lock = threading.Lock()  # gpiozero tells «held» in another thread than «released»
        try:
            self._button = Button(bcm, pull_up=True, hold_time=long_seconds + _HELD_LATER_SECONDS, pin_factory=factory)
        except Exception as error:  # lgpio, on the Pi alone, says «GPIO busy» by a bare Exception
            msg = f"the button on GPIO {bcm} cannot be used: {error}"
            raise ButtonError(msg) from error

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._button.when_pressed = self._closed
        self._button.when_held = self._held
        self._button.when_released = self._opened
        return self

    def __exit__(self, *_: object) -> None:
        """Let the pin go."""
        self._button.close()

    def _closed(self) -> None:
        with self._lock:
            self._contact.closed(time.monotonic())

    def _held(self) -> None:
        with self._lock:
            self._tell(self._contact.held(time.monotonic()))

    def _opened(self) -> None:
        with self._lock:
            self._tell(self._contact.opened(time.monotonic()))

    def _tell(self, press: Press | None) -> None:
        if press is not None:
            self._heard(press)


class GpioLight:
    """See `guarding.light.Lamp`: the light on ``bcm``; gpiozero's own thread blinks. Dark when it is closed."""

    def __init__(self, bcm: int, *, factory: Any = None) -> None:
        """``factory``: gpiozero's pin factory, None for that of this machine. Raises `ButtonError`."""
        try:
            self._light = LED(bcm, pin_factory=factory)
        except Exception as error:  # lgpio, on the Pi alone, says «GPIO busy» by a bare Exception
            msg = f"the light on GPIO {bcm} cannot be used: {error}"
            raise ButtonError(msg) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let the pin go."""
        self._light.close()

    def show(self, shine: Shine) -> None:
        """See `Lamp.show`."""
        if shine in _BLINKS:
            self._light.blink(on_time=_BLINKS[shine], off_time=_BLINKS[shine])
        else:
            self._light.on()
