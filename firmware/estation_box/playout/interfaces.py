"""What playout needs from outside."""

from __future__ import annotations

from typing import Any, Protocol

from estation_box.clock.moment import Moment
from estation_box.playout.player_words import Request
from estation_box.playout.show import Show
from estation_wire.records import Record


class PlayerLink(Protocol):
    """The way to the player. What it tells comes back as events on core's queue."""

    def ask(self, request: type[Request], **fields: Any) -> int:
        """Send one request and return its number at once; 0 where no player is there. Never raises, never waits."""
        ...


class Witness(Protocol):
    """The journal, as far as playout writes in it."""

    def append(self, moment: Moment, kind: type[Record], **body: Any) -> None:
        """Write one record down. Never raises: where the card refuses, the record waits in memory."""
        ...

    def checkpoint(self, document: bytes) -> None:
        """Keep how far the running session has come, in place; empty when none runs. Never raises."""
        ...


class Stage(Protocol):
    """The session on the screen, as far as a bulletin must reach it."""

    def interrupt(self, moment: Moment) -> Show | None:
        """Take whatever is on the screen away; what of it shall be played afterwards, None where nothing shall."""
        ...

    def play(self, show: Show, moment: Moment) -> bool:
        """Play ``show`` now; False where a session is already on the screen."""
        ...
