"""A TV of which nothing can be known: no CEC, no relay. Everything must work well with it."""

from __future__ import annotations

from estation_wire.values import Tv


class NoTelevision:
    """Nothing is known, so nothing is claimed."""

    def evidence(self) -> Tv:
        """Not known, always."""
        return Tv.UNKNOWN

    def in_use(self) -> bool:
        """Not known, so never."""
        return False
