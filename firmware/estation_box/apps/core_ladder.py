"""Core's part in guarding: why the box came up, what the lower rungs did meanwhile, and the beats to the supervisor."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from estation_box.apps.core_door import look
from estation_box.clock.moment import Moment
from estation_box.guarding.cause import cause
from estation_box.guarding.interfaces import LastBoot
from estation_box.guarding.service import Guard
from estation_box.playout.interfaces import Witness
from estation_box.playout.service import Playout
from estation_wire.records import Boot, Fault, Recovered
from estation_wire.supervisor_words import HALTING
from estation_wire.values import Trust

RUNG_OF_SAFE: Final = 3
SUPERVISOR_SECONDS: Final = 2.5  # it tells its state every 2 s
PLAYER_GONE, CORE_RESTARTED, UNIT_FAILED = "player-gone", "core-restarted", "unit-failed"
log = logging.getLogger(__name__)


class CoreLadder:
    """Not a unit's own watchdog: that is `Promise`. ``pause``: how long an update may keep the ladder waiting still."""

    def __init__(self, last: LastBoot, guard: Guard, pause: Callable[[], float]) -> None:
        self._last = last
        self._guard = guard
        self._pause = pause
        self._lost_at: float | None = None

    def await_supervisor(self, up: float) -> None:
        """At the first start of a boot on a box with a line: it may be the one that knows why. Blocks, bounded."""
        ends = time.monotonic() + SUPERVISOR_SECONDS
        while self._guard.cuts is None and time.monotonic() < ends:
            self._guard.tick(up, None)
            time.sleep(0.1)

    def begin(self, moment: Moment, diary: Witness, firmware: str, *, known: bool) -> None:
        """Write down why the box, or (where the boot is ``known``) core alone, began."""
        facts = self._last.found(moment.boot, self._guard.cuts)
        if known:
            if facts.ended != moment.boot:
                diary.append(moment, Fault, what=CORE_RESTARTED, detail="core ended without a word", rung=2)
        else:
            why = cause(facts)
            diary.append(moment, Boot, why=why.why, firmware=firmware)
            if why.why == "fault":
                detail = f"{why.about} failed again and again: the box was started again"
                diary.append(moment, Fault, what=UNIT_FAILED, detail=detail, rung=RUNG_OF_SAFE)
            elif why.why in {"watchdog", "supervisor"}:
                rung = 4 if why.why == "watchdog" else 5
                diary.append(moment, Fault, what="box-hung", detail=f"reset by the {why.about}", rung=rung)
        self._last.begun(self._guard.cuts)

    def player_lost(self, moment: Moment, diary: Witness) -> None:
        """The player went; PID 1 brings another."""
        self._lost_at = moment.up
        diary.append(moment, Fault, what=PLAYER_GONE, detail="PID 1 starts another", rung=2)

    def player_back(self, moment: Moment, diary: Witness) -> None:
        """A player is there, the first or another."""
        if self._lost_at is not None:
            after = max(moment.up - self._lost_at, 0.0)
            diary.append(moment, Recovered, what=PLAYER_GONE, after=round(after, 1), rung=2)
        self._lost_at = None

    @property
    def paused(self) -> bool:
        """Whether an update keeps the ladder waiting."""
        return self._pause() > 0

    def tick(self, moment: Moment, health: int | None, playout: Playout, diary: Witness) -> None:
        """Beat where ``health`` may be said, and write down what the supervisor tells, and who came to the session."""
        clip = playout.show.current if playout.show is not None and playout.on_screen else None
        utc = moment.at if moment.trust is not Trust.GUESS else None
        for told in self._guard.tick(moment.up, health, clip.position if clip else 0.0, self._pause(), utc):
            if told.wrong:
                diary.append(moment, Fault, what=told.what, detail=told.detail, rung=5)
            else:
                diary.append(moment, Recovered, what=told.what, after=round(told.seconds, 1), rung=5)
        look(self._guard.door, moment, playout, diary)

    def close(self, moment: Moment, *, halting: bool) -> None:
        """Core leaves in order; with the box, as far as it knows, where ``halting``."""
        if halting:
            self._guard.goodbye(HALTING)
        self._last.left(moment.boot, self._guard.cuts)
