"""Counts the power-on days of this box, through power cuts and killed cores."""

from __future__ import annotations

import logging
from typing import Final

import msgspec

from estation_box.clock import days
from estation_box.clock.days import DayEnded, DayFacts, RunningDay
from estation_box.clock.interfaces import Document
from estation_box.clock.moment import Moment
from estation_box.clock.rules import SAVE_SECONDS
from estation_wire.decoding import decoder

MAX_BYTES: Final = 512
NOTHING_KNOWN: Final = DayFacts()
log = logging.getLogger(__name__)


class PowerDays:
    """Call `begin` once, `tend` about once a second, `save` at the end. No method raises.

    A crash loses at most 10 minutes of a day's uptime. A day is told only after the document says that it has
    ended, so it is never told twice; a cut between the two loses it.
    """

    def __init__(self, document: Document, boot: str) -> None:
        """``document`` survives the power."""
        self._document = document
        self._boot = boot
        self._day = RunningDay(boot=boot, up=0.0, began=0.0)
        self._saved_up = 0.0
        self._untold: DayEnded | None = None

    def begin(self, moment: Moment) -> DayEnded | None:
        """A power-up, which may end the day before; or a core takes over in the same boot, and the day goes on."""
        before = self._read()
        if before is not None and before.boot == self._boot:
            # what the killed core saw of TV and card since its last word is not known; that the box ran is
            self._day = days.advance(before, moment.up, NOTHING_KNOWN)
            self._saved_up = before.up  # a core that is killed again and again saves all the same
            if moment.up - before.up >= SAVE_SECONDS:
                self.save(moment)
            return None
        return self._turn(days.power_up(before, self._boot, moment.up), moment)

    def tend(self, moment: Moment, facts: DayFacts) -> DayEnded | None:
        """Let time pass; the day that has ended with it."""
        before, self._day = self._day, days.advance(self._day, moment.up, facts)
        if self._untold is None:
            turn = days.turn(self._day)
            if turn.ended is not None:
                return self._turn(turn, moment)
        if moment.up - self._saved_up >= SAVE_SECONDS or days.is_an_hour(before, self._day):
            return self._told() if self.save(moment) else None
        return None

    def save(self, moment: Moment) -> bool:
        """Keep the day so far: every 10 minutes, after its first hour, and at the end; False where that failed."""
        self._saved_up = moment.up
        try:
            self._document.write(msgspec.json.encode(self._day))
        except OSError as error:
            log.warning("the power-on day was not saved: %s", error)
            return False
        return True

    def since_power_up(self, moment: Moment) -> float:
        """Seconds since the day began or the box was switched on in it, whichever is later."""
        return max(moment.up - self._day.began, 0.0)

    def _turn(self, turn: days.Turn, moment: Moment) -> DayEnded | None:
        self._day, self._untold = turn
        return self._told() if self.save(moment) else None

    def _told(self) -> DayEnded | None:
        """The day that waited for its end to be on the card."""
        told, self._untold = self._untold, None
        return told

    def _read(self) -> RunningDay | None:
        try:
            return decoder(RunningDay).decode((self._document.read() or b"")[:MAX_BYTES])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, OverflowError):
            return None
