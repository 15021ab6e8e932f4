"""A stage: the real `Playout` with the simulated player, a journal in memory and time that is told."""

from __future__ import annotations

from typing import Any

from estation_box.clock.moment import Moment
from estation_box.playout import checkpoint
from estation_box.playout.player_words import Answer, Request
from estation_box.playout.service import Playout
from estation_box.playout.show import Show
from estation_box.simulated.player import SimulatedPlayer
from estation_wire.records import ClipShown, Record, SessionEnded
from estation_wire.values import Tv
from tests.playout.values import moment

STEP = 0.1


class Stage:
    """Runs a session second by second; what the journal would hold is in ``records``."""

    def __init__(self, **player: Any) -> None:
        self.now = 0.0
        self.player = SimulatedPlayer(100.0, player="p1", **player)
        self.records: list[Record] = []
        self.document = b""
        self.tv = Tv.UNKNOWN
        self.answers: list[Answer] = []
        self.playout = Playout(self, self, self)
        self._n = 0

    # what playout needs from outside

    def ask(self, request: type[Request], **fields: Any) -> int:
        if self.player.crashed:
            return 0
        self._n += 1
        answer = self.player.ask(request(n=self._n, **fields), at=100.0 + self.now)
        if answer is not None:
            self.answers.append(answer)
        return self._n

    def append(self, at: Moment, kind: type[Record], **body: Any) -> None:
        stamp = {"seq": len(self.records) + 1, "at": at.at, "boot": at.boot, "up": at.up, "trust": at.trust}
        self.records.append(kind(**stamp, **body))

    def checkpoint(self, document: bytes) -> None:
        self.document = document

    def evidence(self) -> Tv:
        return self.tv

    # time

    @property
    def moment(self) -> Moment:
        return moment(self.now)

    def run(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(self.now + STEP, end)
            self.playout.tick(self.moment)
            self.settle()
            for state in self.player.run_until(100.0 + self.now):
                self.playout.told(state, self.moment)
                self.settle()

    def settle(self) -> None:
        """Give playout the player's answers."""
        while self.answers:
            self.playout.answered(self.answers.pop(0), self.moment)

    def crash(self) -> None:
        """The player is killed; core hears that the connection is gone."""
        self.player.crash()
        self.playout.gone(self.moment)

    def restart_player(self, name: str) -> None:
        """PID 1 has started another player."""
        self.player.restart(100.0 + self.now, player=name)

    def new_core(self) -> None:
        """Core is killed and started again: it knows what checkpoint and journal say."""
        self.answers.clear()
        self.playout = Playout(self, self, self)
        left = checkpoint.decode(self.document)
        if left is not None:
            known = checkpoint.reconcile(left.show, self.records)
            if not known.ended:
                self.playout.adopt(known.show, self.moment, started=known.started)

    # what is asked of the records

    def of(self, kind: type[Record]) -> list[Any]:
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def ended(self) -> SessionEnded:
        (only,) = self.of(SessionEnded)
        return only

    @property
    def clips(self) -> list[ClipShown]:
        return self.of(ClipShown)

    def plan(self, show: Show, in_seconds: float) -> None:
        """Announce ``show`` to start ``in_seconds`` from now."""
        self.playout.announce(show, moment(self.now + in_seconds).at)
