"""Core and the people before it: the button, the TV's remote, and what each of their presses is for."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from estation_box.apps.core_naming import Naming
from estation_box.apps.core_parts import Parts
from estation_box.apps.core_stops import Stops
from estation_box.apps.core_tv import TvMinder
from estation_box.apps.events import Pressed, TvSays
from estation_box.clock.moment import Moment
from estation_box.clock.service import ClockStep
from estation_box.playout.player_words import Chime
from estation_box.programme.courtesy import Act, Press
from estation_box.provisioning.choosing import Deed

Felt = Pressed | TvSays


class Hands:
    """Whatever somebody does with a finger, handed to the room that it is for."""

    def __init__(
        self, parts: Parts, naming: Naming, stops: Stops, *, stepped: Callable[[ClockStep | None], None]
    ) -> None:
        """``stepped`` is told when somebody has set the clock."""
        self._parts = parts
        self._naming = naming
        self._stops = stops
        self._stepped = stepped
        self.tv = TvMinder(parts.rooms, parts.tended, parts.tv_wire)

    def felt(self, event: Felt, moment: Moment, *, bare: bool) -> None:
        """Something that a hand did."""
        if isinstance(event, Pressed):
            self.press(event.press, moment, bare=bare)
        else:
            self.tv.told(event.told, moment)

    def press(self, press: Press, moment: Moment, *, bare: bool) -> StrEnum | None:
        """Somebody pressed the button; what was done about it. ``bare``: this box has no name yet."""
        self.tv.touched(moment)
        act: StrEnum | None = self._naming.press(press, moment, bare=bare)
        if act is Deed.WORKS:
            self._parts.player.ask(Chime)
        if act is None:
            act = self._stops.press(press, moment)
        if act is None:
            offered = self._parts.clock.offered(moment) is not None
            act = self._parts.rooms.starts.press(press, moment, clock_offered=offered)
        if act is Act.BELIEVE:
            self._stepped(self._parts.clock.confirm(moment))
        return act
