"""An emergency bulletin interrupts whatever is on the screen, which then goes on at the very second.

What was shown of the session until then is written down as a part of its own; the rest is the next part.
A power cut while the bulletin is shown ends the session: it is made up like any other that did not count.
"""

from __future__ import annotations

import logging
from typing import Final

from msgspec import Struct

from estation_box.clock.moment import Moment
from estation_box.playout import show as shows
from estation_box.playout.engine import CHIME
from estation_box.playout.interfaces import PlayerLink, Stage, Witness
from estation_box.playout.player_words import Chime, Phase, Prepare, Rest, Start, State
from estation_box.playout.rules import ANSWER_WITHIN
from estation_box.playout.show import Show
from estation_wire.bulletins import Bulletin
from estation_wire.records import BulletinShown

PATIENCE_SECONDS: Final = 15.0  # beyond its own length: then the session goes on whatever the player says
log = logging.getLogger(__name__)


class Running(Struct, frozen=True, kw_only=True):
    """The bulletin on the screen, the session that waits for it, and the second of `up` at which it is over at last."""

    bulletin: Bulletin
    show: Show
    waiting: Show | None
    until: float


class Interlude:
    """One emergency bulletin at a time."""

    def __init__(self, player: PlayerLink, journal: Witness, playout: Stage) -> None:
        self._player = player
        self._journal = journal
        self._playout = playout
        self._running: Running | None = None
        self._asked = 0.0

    @property
    def bulletin(self) -> Bulletin | None:
        """What is on the screen now."""
        return self._running.bulletin if self._running else None

    @property
    def waiting(self) -> Show | None:
        """The session that it has interrupted."""
        return self._running.waiting if self._running else None

    @property
    def words_alone(self) -> bool:
        """Whether the card must show the bulletin: it has no picture of its own."""
        return self._running is not None and not self._running.show.clips

    def begin(self, bulletin: Bulletin, show: Show, moment: Moment) -> None:
        """Show ``bulletin`` at once; ``show`` holds its clips and pictures, if it has any that are held."""
        if self._running is not None:
            return
        waiting = self._playout.interrupt(moment)
        length = CHIME.seconds + show.length if show.clips else float(bulletin.seconds)
        until = moment.up + length + (PATIENCE_SECONDS if show.clips else 0.0)
        self._running = Running(bulletin=bulletin, show=show, waiting=waiting, until=until)
        log.info("emergency bulletin %s", bulletin.id)
        self._ask(moment)

    def tick(self, moment: Moment) -> None:
        """Let time pass."""
        if self._running is not None and moment.up >= self._running.until:
            self._over(moment)

    def told(self, state: State, moment: Moment) -> None:
        """The player told its state: the bulletin's list is over, or another player must be given it again."""
        running = self._running
        if running is None or not running.show.clips:
            return
        if state.session != running.show.session:
            if moment.up - self._asked >= ANSWER_WITHIN:
                self._ask(moment)
        elif state.phase is Phase.PREPARED:
            self._player.ask(Start, session=running.show.session)
        elif state.phase is Phase.ENDED:
            self._over(moment)

    def _ask(self, moment: Moment) -> None:
        running, self._asked = self._running, moment.up
        if self.words_alone:
            self._player.ask(Rest)
            self._player.ask(Chime)  # a card is silent, and nobody looks at a silent screen
        if running is not None and running.show.clips:
            entries = (CHIME, *shows.entries(running.show))  # a clip alone would be taken for the next film
            if self._player.ask(Prepare, session=running.show.session, entries=entries):
                self._player.ask(Start, session=running.show.session)

    def _over(self, moment: Moment) -> None:
        """Write it down first: a cut here shows a bulletin once too little rather than for ever."""
        running, self._running = self._running, None
        if running is None:
            return
        self._journal.append(moment, BulletinShown, bulletin=running.bulletin.id, times=1)
        self._player.ask(Rest)
        if running.waiting is not None:
            self._playout.play(running.waiting, moment)
