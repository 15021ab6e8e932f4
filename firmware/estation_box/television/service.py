"""The TV, tended: woken in time, taken, asked how it is, and given back. See `rules`."""

from __future__ import annotations

import logging

from msgspec.structs import replace

from estation_box.television import rules
from estation_box.television.interfaces import KeyTold, PowerTold, SoundTold, SourceTold, Told, Wire
from estation_box.television.none import NoWire
from estation_box.television.rules import Claim, Holding, Known, Order, Phase
from estation_wire.values import Tv

log = logging.getLogger(__name__)


class TendedTelevision:
    """See `interfaces.Television`. Call `tend` about once a second; what is known is as of the last call."""

    def __init__(self) -> None:
        self._wire: Wire = NoWire()
        self._firm = True
        self._holding = Holding()
        self._known = Known()
        self._up = 0.0
        self._asked = float("-inf")

    def provisioned(self, wire: Wire, *, firm: bool) -> None:
        """The way to this station's TV, and the manner of its site."""
        self._wire, self._firm = wire, firm

    def heard(self, told: Told, up: float) -> None:
        """The TV told something."""
        self._up = max(self._up, up)
        if isinstance(told, PowerTold):
            self._holding, self._known = rules.powered(self._holding, self._known, told.power, up)
        elif isinstance(told, SourceTold):
            self._holding, self._known = rules.sourced(self._holding, self._known, told.source)
        elif isinstance(told, SoundTold):
            self._known = replace(self._known, silent=told.silent)
        elif isinstance(told, KeyTold):
            self.touched()

    def touched(self) -> None:
        """Somebody used a remote or the button: the TV is theirs."""
        self._holding = rules.touched(self._holding)

    def expect(self, up: float) -> None:
        """Somebody on the spot may be starting something: a dark TV is asked before it is called off."""
        if self._holding.phase is Phase.LEFT:
            self.tend(Claim.BY_HAND, up)

    def tend(self, claim: Claim | None, up: float) -> None:
        """Let time pass; ``claim``: who wants the TV now."""
        self._up = up
        before = self._holding
        self._holding, orders = rules.step(before, claim, self._seen, up, firm=self._firm)
        if self._holding.phase is not before.phase:
            log.info("%s -> %s%s", before.phase, self._holding.phase, f": {', '.join(orders)}" if orders else "")
        for order in orders:
            self._wire.send(order)
        if orders or up - self._asked >= rules.ask_every(self._holding):
            self._asked = up
            self._wire.send(Order.ASK)

    def evidence(self) -> Tv:
        """See `Television.evidence`."""
        return rules.evidence(self._holding, self._seen)

    def expected(self) -> Tv:
        """See `Television.expected`."""
        return rules.expected(self._holding, self._seen, firm=self._firm)

    def in_use(self) -> bool:
        """See `Television.in_use`."""
        return rules.in_use(self._seen)

    def silent(self) -> bool:
        """See `Television.silent`."""
        return self._seen.silent

    @property
    def _seen(self) -> Known:
        return self._known.at(self._up)
