"""What playout needs of the TV."""

from __future__ import annotations

from typing import Protocol

from estation_wire.values import Tv


class Television(Protocol):
    """The TV that happens to be there."""

    def evidence(self) -> Tv:
        """What is known now of whether the TV shows our picture. Answers at once; never raises."""
        ...
