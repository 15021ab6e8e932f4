"""Core and the people before a bare box: asks them which station it is, and has sync read the stick again."""

from __future__ import annotations

import logging
from collections.abc import Callable

from estation_box.clock.moment import Moment
from estation_box.programme.courtesy import Press
from estation_box.provisioning.choosing import Choosing, Deed, View
from estation_box.provisioning.interfaces import CoreDesk
from estation_box.provisioning.sentences import NO_STICK

log = logging.getLogger(__name__)


class Naming:
    """Between the button, the desk where sync meets core, and the screen."""

    def __init__(self, desk: CoreDesk | None, read_stick: Callable[[], str]) -> None:
        """``read_stick`` has sync read the stick again; why not, where that cannot be."""
        self._desk = desk
        self._read_stick = read_stick
        self._choosing = Choosing()

    @property
    def asking(self) -> bool:
        """Whether the stick is still needed, because people are asked."""
        return self._choosing.asking

    def begin(self) -> None:
        """A new core: what another asked is asked anew when the stick is read."""
        if self._desk is not None:
            self._desk.clear()

    def synced(self, moment: Moment) -> None:
        """Sync has read a stick: see what it made of this box."""
        if self._desk is not None:
            self._choosing.told(self._desk.told(), moment.up)

    def pulled(self) -> None:
        """The stick is gone."""
        self._choosing.pulled()
        self.begin()

    def press(self, press: Press, moment: Moment, *, bare: bool) -> Deed | None:
        """Somebody pressed; None where this is not the place that it means something in."""
        before = self._choosing.view(moment.up, bare=bare)
        deed = self._choosing.press(press, moment.up, bare=bare)
        if deed is Deed.CHOOSE and before is not None and before.candidate is not None:
            self._choose(before.candidate.station, moment)
        return deed

    def view(self, moment: Moment, *, bare: bool) -> View | None:
        """What the card shows."""
        return self._choosing.view(moment.up, bare=bare)

    def _choose(self, station: str, moment: Moment) -> None:
        if self._desk is None:
            return
        try:
            self._desk.choose(station)
        except OSError as error:
            refusal = str(error)
        else:
            refusal = self._read_stick()
        if refusal:
            log.warning("%s was chosen, but sync cannot be asked: %s", station, refusal)
            self._choosing.refused((NO_STICK.zh, NO_STICK.en), moment.up)
