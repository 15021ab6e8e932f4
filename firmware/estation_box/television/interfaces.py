"""What the rest of the box may know of the TV, and what the TV's wire must do and tell."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from estation_box.remote.keys import Key
from estation_box.television.rules import Order, Power, Source
from estation_wire.values import Tv


class Television(Protocol):
    """The TV that happens to be there. Every method answers at once and never raises."""

    def evidence(self) -> Tv:
        """What is known now of whether the TV shows our picture."""
        ...

    def expected(self) -> Tv:
        """What it will be when a session begins by itself: off only where the box cannot or may not switch it on."""
        ...

    def in_use(self) -> bool:
        """Whether the TV is known to show another source now: somebody is watching it."""
        ...

    def silent(self) -> bool:
        """Whether the TV is known to be muted, or at volume 0."""
        ...


class PowerTold(NamedTuple):
    """The TV said how it is."""

    power: Power


class SourceTold(NamedTuple):
    """The TV said whose picture it shows."""

    source: Source


class SoundTold(NamedTuple):
    """The TV, or its loudspeakers, said whether anything can be heard."""

    silent: bool


class KeyTold(NamedTuple):
    """Somebody pressed a key of the TV's remote; ``key`` is None for one that is none of ours."""

    key: Key | None


Told = PowerTold | SourceTold | SoundTold | KeyTold


class Wire(Protocol):
    """The way to the TV. What the TV tells comes back as `Told`, on core's queue."""

    def send(self, order: Order) -> bool:
        """Put one order on its way; at once, never raises. False where this wire knows no such order."""
        ...
