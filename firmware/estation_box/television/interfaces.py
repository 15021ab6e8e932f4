"""What playout needs of the TV."""

from __future__ import annotations

from typing import Protocol

from estation_wire.values import Tv


class Television(Protocol):
    """The TV that happens to be there."""

    def evidence(self) -> Tv:
        """What is known now of whether the TV shows our picture. Answers at once; never raises."""
        ...

    def in_use(self) -> bool:
        """Whether the TV is known to show another source now: somebody is watching it. Answers at once."""
        ...
