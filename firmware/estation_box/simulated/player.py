"""A player with nothing attached: the real `Screen` over an engine that plays in simulated time.

It takes the same requests and tells the same states as `estation-player`; time is an argument throughout, so that a
day of sessions passes in a second. It can be made to hang, to crash, and to let its picture stand still.

    player = SimulatedPlayer(at=0.0)
    player.ask(Prepare(n=1, session="s", entries=(entry,)), at=1.0)
    states = player.run_until(60.0)
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from estation_box.playout import cards
from estation_box.playout.engine import Closed, Drawn, EngineError, Happening, Layer, Opened, Sample
from estation_box.playout.player_words import TELL_EVERY_SECONDS, Answer, AnyRequest, Entry, Hung, Renew, State
from estation_box.playout.screen import Screen

OPENS_IN: Final = 0.03  # seconds from turning to a file to its first picture, as measured with libmpv
FAILS_IN: Final = 0.01
FPS: Final = 25.0
CANNOT: Final = "the file is not a video or a picture"


class SimulatedEngine:
    """Draws nothing, and keeps every promise of `Engine`.

    ``broken``: path → error; ``cut``: path → seconds it has. ``opened``: the paths turned to so far.
    """

    def __init__(self, at: float, broken: Mapping[str, str], cut: Mapping[str, float]) -> None:
        self._now = at
        self._broken = broken
        self._cut = cut
        self._list: list[tuple[int, Entry | None]] = []
        self._index = 0
        self._tokens = itertools.count(1)
        self._paused = False
        self._drawn_at: float | None = None
        self._position = 0.0
        self._due: list[tuple[float, int, Callable[[], Happening | None]]] = []
        self._order = itertools.count()
        self._turns = 0
        self.standing = False
        self.decibels = 0.0
        self.heard: tuple[int | None, int | None] = (None, None)
        self.layers: dict[Layer, str] = {}
        self.hung: tuple[Hung, ...] = ()
        self.captured: list[str] = []
        self.opened: list[str] = []

    def queue(self, entries: Sequence[Entry]) -> tuple[int, ...]:
        """See `Engine.queue`."""
        added = [(next(self._tokens), entry) for entry in (*entries, None)]
        if self._list:
            self._list, self._index = [self._list[self._index], *added], 0
        else:
            self._list = added
            self._turn(0)
        return tuple(token for token, _ in added)

    def turn_to(self, token: int) -> None:
        """See `Engine.turn_to`."""
        for index, (other, _) in enumerate(self._list):
            if other == token and index != self._index:
                self._happen(self._now, self._closing("stopped", ""))
                self._turn(index)
                return

    def pause(self, *, paused: bool) -> None:
        """See `Engine.pause`."""
        self._paused = paused

    def overlay(self, layer: Layer, ass: str, pictures: Sequence[Hung] = ()) -> None:
        """See `Engine.overlay`."""
        self.layers[layer] = ass
        if layer is Layer.COVER:
            self.hung = tuple(pictures)

    def reveal(self) -> None:
        """See `Engine.reveal`."""
        self.overlay(Layer.COVER, "")
        self.pause(paused=False)

    def volume(self, decibels: float) -> None:
        """See `Mixer.volume`."""
        self.decibels = decibels

    def tracks(self, audio: int | None, subtitles: int | None) -> None:
        """See `Mixer.tracks`."""
        self.heard = (audio, subtitles)

    def sample(self) -> Sample:
        """See `Engine.sample`."""
        _, entry = self._list[self._index]
        drawn = self._drawn_at is not None
        still = entry is None or entry.kind == "still"
        return Sample(
            at=self._now,
            position=(0.0 if still else self._position) if drawn else None,
            duration=entry.seconds if entry is not None and not still else None,
            fps=None if still else FPS,
        )

    def capture(self, path: str) -> None:
        """See `Engine.capture`. Nothing is written: the paths are kept in ``captured``."""
        if not path:
            msg = "libmpv refused «screenshot-to-file»"
            raise EngineError(msg)
        self.captured.append(path)

    def advance(self, at: float) -> list[Happening]:
        """Let time pass to ``at``; what happened on the way, in order."""
        told: list[Happening] = []
        while True:
            end = self._ends_at()
            due = self._due[0][0] if self._due else None
            nearest = min((moment for moment in (end, due) if moment is not None), default=None)
            if nearest is None or nearest > at:
                break
            self._move(nearest)
            if due is not None and due <= nearest:
                happening = heapq.heappop(self._due)[2]()
                if happening is not None:
                    told.append(happening)
            else:
                told.append(self._closing("eof", "")())
                self._turn(self._index + 1)
        self._move(at)
        return told

    def _move(self, at: float) -> None:
        if self._drawn_at is not None and not self._paused and not self.standing:
            self._position += max(at - self._now, 0.0)
        self._now = max(at, self._now)

    def _ends_at(self) -> float | None:
        _, entry = self._list[self._index]
        if entry is None or self._drawn_at is None or self._paused or self.standing:
            return None
        return self._now + max(self._cut.get(entry.path, entry.seconds) - self._position, 0.0)

    def _turn(self, index: int) -> None:
        self._index, self._drawn_at = index, None
        self._turns += 1
        turn, (token, entry) = self._turns, self._list[index]
        if entry is not None:
            self.opened.append(entry.path)
        self._position = entry.position if entry is not None else 0.0
        self._happen(self._now, lambda: Opened(token, self._now))
        if entry is not None and entry.path in self._broken:
            self._happen(self._now + FAILS_IN, lambda: self._fail(turn, self._broken[entry.path]))
        else:
            self._happen(self._now + OPENS_IN, lambda: self._draw(turn))

    def _draw(self, turn: int) -> Happening | None:
        if turn != self._turns:
            return None
        self._drawn_at = self._now
        return Drawn(self._now)

    def _fail(self, turn: int, error: str) -> Happening | None:
        if turn != self._turns:
            return None
        closed = self._closing("error", error)()
        self._turn(self._index + 1)
        return closed

    def _closing(self, reason: Literal["eof", "error", "stopped"], error: str) -> Callable[[], Happening]:
        closed = Closed(self._list[self._index][0], reason, error, self._now)
        return lambda: closed

    def _happen(self, at: float, what: Callable[[], Happening | None]) -> None:
        heapq.heappush(self._due, (at, next(self._order), what))


class SimulatedPlayer:
    """`estation-player`, in simulated time. ``player`` is the random id that a new process would have."""

    def __init__(
        self,
        at: float,
        *,
        player: str = "simulated",
        broken: Mapping[str, str] | None = None,
        cut: Mapping[str, float] | None = None,
    ) -> None:
        """``broken`` maps the paths of files that cannot be played to their errors; ``cut`` paths to seconds."""
        self.broken = dict(broken or {})
        self.cut = dict(cut or {})
        self.crashed = False
        self.hung = False
        self.restart(at, player=player)

    def restart(self, at: float, *, player: str) -> None:
        """A new process: the card, and nothing known of before."""
        self.engine = SimulatedEngine(at, self.broken, self.cut)
        self._screen = Screen(self.engine, self.engine, player, cards.station_card())
        self._tick_at = at
        self.crashed = self.hung = False

    def crash(self) -> None:
        """The process is gone: it answers nothing until `restart`."""
        self.crashed = True

    def hang(self, *, hung: bool = True) -> None:
        """The process is there and does nothing."""
        self.hung = hung

    def stand_still(self, *, standing: bool = True) -> None:
        """The picture stands still while everything else seems well, as with a hung display."""
        self.engine.standing = standing

    def ask(self, request: AnyRequest, at: float) -> Answer | None:
        """The answer to one request; None where the process is gone or hangs, or makes way for another."""
        self.run_until(at)
        self.crashed |= isinstance(request, Renew) and not self.hung
        return None if self.crashed or self.hung else self._screen.ask(request, at)

    def state(self, at: float) -> State | None:
        """The state at ``at``; None where the process is gone or hangs."""
        self.run_until(at)
        return None if self.crashed or self.hung else self._screen.state(at)

    def run_until(self, at: float) -> list[State]:
        """Let time pass to ``at``: the states told on the way, one for each sample and each happening."""
        told: list[State] = []
        while not (self.crashed or self.hung) and self._tick_at <= at:
            told += self._happen(self._tick_at)
            self._screen.tick()
            told.append(self._screen.state(self._tick_at))
            self._tick_at += TELL_EVERY_SECONDS
        if self.crashed or self.hung:
            self._tick_at = max(self._tick_at, at)
        else:
            told += self._happen(at)
        return told

    def skip_to(self, at: float) -> State:
        """Let time pass without the samples between, where only the state at ``at`` matters and no session runs."""
        self._happen(at)
        self._screen.tick()
        self._tick_at = at + TELL_EVERY_SECONDS
        return self._screen.state(at)

    def _happen(self, at: float) -> list[State]:
        told = []
        for happening in self.engine.advance(at):
            self._screen.happened(happening)
            told.append(self._screen.state(happening.at))
        return told
