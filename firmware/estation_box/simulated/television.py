"""A TV that somebody switches: on our input, on another one, or off. What the box sees of it may be nothing at all."""

from __future__ import annotations

from estation_wire.values import Tv


class SimulatedTelevision:
    """See `Television`. ``seen``: whether the box has a wire on which the TV tells how it is (CEC)."""

    def __init__(self, *, seen: bool = True) -> None:
        self.seen = seen
        self.on = True
        self.source = "ours"
        self.volume = 20

    def evidence(self) -> Tv:
        """See `Television.evidence`: on only where our picture is what it shows."""
        if not self.seen:
            return Tv.UNKNOWN
        return Tv.ON if self.on and self.source == "ours" else Tv.OFF

    def expected(self) -> Tv:
        """See `Television.expected`: nobody switches it on but people."""
        return self.evidence()

    def silent(self) -> bool:
        """See `Television.silent`."""
        return self.seen and self.on and self.volume == 0

    def in_use(self) -> bool:
        """See `Television.in_use`."""
        return self.seen and self.on and self.source != "ours"
