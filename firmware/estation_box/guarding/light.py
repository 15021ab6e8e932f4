"""What the status light beside the button says to somebody who passes a dark TV. Pure.

It says three things and no more: who must count flashes calls nobody.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Shine(StrEnum):
    """How the light shines."""

    STEADY = "steady"
    SLOW = "slow"
    QUICK = "quick"


class Lamp(Protocol):
    """The light itself. It keeps on as it was told, by itself; at once, never raises."""

    def show(self, shine: Shine) -> None:
        """Shine like this from now on."""
        ...


def shine(*, fault: bool, waits: bool) -> Shine:
    """Quick: something is wrong, and the screen says what. Slow: it ``waits`` for somebody, or reads a stick."""
    if fault:
        return Shine.QUICK
    return Shine.SLOW if waits else Shine.STEADY
