"""A TV that somebody switches: on our input, on another one, or off. What the box sees of it may be nothing at all."""

from __future__ import annotations

from estation_wire.values import Tv


class SimulatedTelevision:
    """See `Television`. ``seen``: whether the box has a wire on which the TV tells how it is (CEC)."""

    def __init__(self, *, seen: bool = True) -> None:
        self.seen = seen
        self.on = True
        self.source = "ours"

    def evidence(self) -> Tv:
        """See `Television.evidence`: on only where our picture is what it shows."""
        if not self.seen:
            return Tv.UNKNOWN
        return Tv.ON if self.on and self.source == "ours" else Tv.OFF

    def in_use(self) -> bool:
        """See `Television.in_use`."""
        return self.seen and self.on and self.source != "ours"
