"""A TV of which nothing can be known: no CEC, no relay. Everything must work well with it."""

from __future__ import annotations

from estation_box.television.rules import Order
from estation_wire.values import Tv


class NoTelevision:
    """Nothing is known, so nothing is claimed. See `Television`."""

    def evidence(self) -> Tv:
        """Not known, always."""
        return Tv.UNKNOWN

    def expected(self) -> Tv:
        """Not known either."""
        return Tv.UNKNOWN

    def in_use(self) -> bool:
        """Not known, so never."""
        return False

    def silent(self) -> bool:
        """Not known, so never."""
        return False


class NoWire:
    """No way to the TV. See `Wire`."""

    def send(self, order: Order) -> bool:  # noqa: ARG002 - the promise of `Wire`
        """Nothing can be asked."""
        return False
