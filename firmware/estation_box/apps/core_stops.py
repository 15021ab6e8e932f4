"""Core and the village of a mobile station: asks on the quiet card, and writes down what was chosen."""

from __future__ import annotations

from collections.abc import Iterable

from estation_box.apps.core_parts import Rooms
from estation_box.clock.moment import Moment
from estation_box.programme.courtesy import Press
from estation_box.provisioning.stops import StopDeed, Stopping, StopView
from estation_wire.profile import Profile
from estation_wire.records import PlaceChosen, Record


class Stops:
    """Between the button, the journal and the screen."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._stopping = Stopping()

    def provisioned(self, profile: Profile, records: Iterable[Record]) -> None:
        """The villages of a mobile station, and what the journal knows of today."""
        self._stopping.serves(profile.stops if profile.site.kind == "mobile" else ())
        self._stopping.remember(records)

    def day_over(self) -> None:
        """Another power-on day."""
        self._stopping.day_over()

    def press(self, press: Press, moment: Moment) -> StopDeed | None:
        """Somebody pressed; None where it means something else."""
        if not self._quiet(moment):
            return None
        deed = self._stopping.press(press, moment.up)
        chosen = self._stopping.chosen
        if deed is StopDeed.CHOOSE and chosen is not None:
            self._rooms.diary.append(moment, PlaceChosen, place=chosen.id, name=chosen.name)
        return deed

    def view(self, moment: Moment) -> StopView | None:
        """What the card asks."""
        return self._stopping.view(moment.up) if self._quiet(moment) else None

    @property
    def name(self) -> str:
        """The village of today; empty where nobody chose."""
        chosen = self._stopping.chosen
        return chosen.name if chosen is not None else ""

    def _quiet(self, moment: Moment) -> bool:
        rooms = self._rooms
        return rooms.playout.idle and rooms.interlude.bulletin is None and not rooms.starts.put_off(moment)
