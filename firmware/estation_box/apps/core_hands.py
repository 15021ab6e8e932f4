"""Core and the people before it: the button, the TV's remote, and what each of their presses is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Final

from estation_box.apps.core_naming import Naming
from estation_box.apps.core_parts import Parts
from estation_box.apps.core_phone import Phone
from estation_box.apps.core_remote import Remote
from estation_box.apps.core_stops import Stops
from estation_box.apps.core_tv import TvMinder
from estation_box.apps.events import KeyPressed, PhoneAsks, Pressed, TvSays
from estation_box.clock.moment import Moment
from estation_box.clock.service import ClockStep
from estation_box.playout.player_words import Chime
from estation_box.programme.courtesy import Act, Press
from estation_box.provisioning.choosing import Deed
from estation_box.remote.keys import Key
from estation_box.television.interfaces import KeyTold
from estation_wire.profile import Profile

Felt = Pressed | KeyPressed | TvSays | PhoneAsks
_AS_BUTTON: Final = {
    Key.OK: Press.LONG, **dict.fromkeys((Key.LEFT, Key.RIGHT, Key.UP, Key.DOWN), Press.SHORT),
}  # fmt: skip
"""Where the button chooses among names, arrows go on and OK chooses."""


def by_hand(event: Felt) -> bool:
    """Whether somebody is there: the TV speaks of itself, too."""
    if isinstance(event, PhoneAsks):
        return event.asked is not None
    return not isinstance(event, TvSays) or isinstance(event.told, KeyTold)


class Hands:
    """Whatever somebody does with a finger, handed to the room that it is for."""

    def __init__(
        self,
        parts: Parts,
        naming: Naming,
        stops: Stops,
        *,
        stepped: Callable[[ClockStep | None], None],
        set_clock: Callable[[datetime, Moment], str],
    ) -> None:
        """``stepped`` is told when an offered time was believed; ``set_clock`` sets it by hand."""
        self._parts = parts
        self._naming = naming
        self._stops = stops
        self._stepped = stepped
        self._bare = True
        self.tv = TvMinder(parts.rooms, parts.tended, parts.tv_wire)
        self.remote = Remote(parts, press=self.press, set_clock=set_clock)
        self.phone = Phone(parts, self.remote)

    def provisioned(self, profile: Profile) -> None:
        """The box has its name, and knows its TV."""
        self._bare = False
        self.tv.provisioned(profile)
        self.remote.provisioned(profile)

    def tick(self, moment: Moment) -> None:
        """Let time pass."""
        self.remote.tick(moment)
        self.phone.tick(moment)
        self.tv.tick(moment, paused=self.remote.paused)

    def felt(self, event: Felt, moment: Moment) -> StrEnum | None:
        """Something that a hand did, or the TV said; what was done about it."""
        if isinstance(event, Pressed):
            return self.press(event.press, moment)
        if isinstance(event, KeyPressed):
            return self.key(event.key, moment)
        if isinstance(event, PhoneAsks):
            event.answer(self.phone.asked(event, moment))
            return None
        self.tv.told(event.told, moment)
        if isinstance(event.told, KeyTold) and event.told.key is not None:
            return self.key(event.told.key, moment)
        return None

    def key(self, key: Key, moment: Moment) -> StrEnum | None:
        """Somebody pressed a key of a remote; what was done about it."""
        if self._bare or self._stops.view(moment) is not None:
            press = _AS_BUTTON.get(key)
            return self.press(press, moment) if press is not None else None
        self.tv.touched(moment)
        return self.remote.key(key, moment)

    def press(self, press: Press, moment: Moment) -> StrEnum | None:
        """Somebody pressed the button; what was done about it."""
        self.tv.touched(moment)
        plain = Press.SHORT if press is Press.DOUBLE else press  # among names, quick presses go on quickly
        act: StrEnum | None = self._naming.press(plain, moment, bare=self._bare)
        if act is Deed.WORKS:
            self._parts.player.ask(Chime)
        if act is None:
            act = self._stops.press(plain, moment)
        if act is None:
            offered = self._parts.clock.offered(moment) is not None
            act = self._parts.rooms.starts.press(press, moment, clock_offered=offered)
        if act is Act.BELIEVE:
            self._stepped(self._parts.clock.confirm(moment))
        if (act is Act.NEXT and not self.remote.next()) or (act is Act.PHONE and not self.phone.press(moment)):
            return None
        return act
