"""A button with no wire to it: a finger presses it in a time of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from estation_box.guarding.button import LONG_SECONDS, Contact
from estation_box.programme.courtesy import Press


class SimulatedButton:
    """Tells ``heard`` what `GpioButton` would, without waiting for a finger."""

    def __init__(self, heard: Callable[[Press], None], *, long_seconds: float = LONG_SECONDS) -> None:
        self._heard = heard
        self._long = long_seconds
        self._contact = Contact(long_seconds)
        self._up = 0.0
        self._listening = False

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._listening = True
        return self

    def __exit__(self, *_: object) -> None:
        """Let the pin go."""
        self._listening = False

    def hold(self, seconds: float) -> None:
        """A finger is on it for ``seconds``."""
        if not self._listening:
            return
        self._contact.closed(self._up)
        if seconds >= self._long:
            self._tell(self._contact.held(self._up + self._long))
        self._up += seconds
        self._tell(self._contact.opened(self._up))

    def rest(self, seconds: float) -> None:
        """Nobody touches it for ``seconds``."""
        self._up += seconds

    def _tell(self, press: Press | None) -> None:
        if press is not None:
            self._heard(press)
