"""Core and the TV: who wants it now, and the way to it by the station's profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from estation_box.apps.core_parts import Rooms
from estation_box.clock.moment import Moment
from estation_box.television.interfaces import Told, Wire
from estation_box.television.rules import WAKE_BEFORE_SECONDS, Claim
from estation_box.television.service import TendedTelevision
from estation_wire.bulletins import may_switch_on
from estation_wire.profile import Profile
from estation_wire.tv import TvWire
from estation_wire.values import Origin

_CLAIMS: Final = {Origin.KEEPER: Claim.BY_HAND}


class TvMinder:
    """Between programme, playout and the TV. Without a TV that can be tended everything is nothing."""

    def __init__(
        self, rooms: Rooms, television: TendedTelevision | None, open_wire: Callable[[TvWire], Wire] | None
    ) -> None:
        """``open_wire`` gives the way to the TV; it never raises: a way that is not there asks and hears nothing."""
        self._rooms = rooms
        self._television = television
        self._open_wire = open_wire
        self._opened: TvWire | None = None
        self._firm = True

    def provisioned(self, profile: Profile) -> None:
        """The station's TV and its manner, from now on."""
        television, wire = self._television, profile.tv
        self._firm = profile.manner == "firm"
        if television is None or self._open_wire is None or wire == self._opened:
            return
        self._opened = wire
        television.provisioned(self._open_wire(wire), firm=self._firm)

    def told(self, told: Told, moment: Moment) -> None:
        """The TV told something."""
        if self._television is not None:
            self._television.heard(told, moment.up)

    def touched(self, moment: Moment) -> None:
        """Somebody used the button or a remote."""
        if self._television is not None:
            self._television.touched()
            if self._rooms.playout.idle:
                self._television.expect(moment.up)

    def tick(self, moment: Moment, *, paused: bool = False) -> None:
        """Let time pass. ``paused``: somebody stopped the picture and will go on."""
        if self._television is not None:
            self._television.tend(Claim.BY_HAND if paused else self._claim(moment), moment.up)

    def _claim(self, moment: Moment) -> Claim | None:
        rooms = self._rooms
        bulletin, waiting = rooms.interlude.bulletin, rooms.interlude.waiting
        if bulletin is not None:
            if may_switch_on(bulletin, polite=not self._firm, open_now=rooms.programme.open_now(moment)):
                return Claim.EMERGENCY
            return _CLAIMS.get(waiting.origin, Claim.AUTOMATIC) if waiting is not None else None
        show, start_at = rooms.playout.show, rooms.playout.start_at
        if show is None:
            return None
        near = start_at is not None and (start_at - moment.at).total_seconds() <= WAKE_BEFORE_SECONDS
        return _CLAIMS.get(show.origin, Claim.AUTOMATIC) if rooms.playout.on_screen or near else None
