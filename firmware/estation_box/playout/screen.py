"""The player's mind: takes core's requests and the engine's happenings, one at a time, and knows what was shown.

The list never runs dry: the tail card stands at its end, and the picture of one file stays until the next one's first
frame. A broken file costs nothing but its own turn. Time is an argument, in monotonic seconds.
"""

from __future__ import annotations

import logging
from typing import Final

from msgspec.structs import replace

from estation_box.playout.engine import (
    CHIME,
    Closed,
    Drawn,
    Engine,
    EngineError,
    Gone,
    Happening,
    Layer,
    Mixer,
    Opened,
    Sample,
)
from estation_box.playout.player_words import (
    Answer,
    AnyRequest,
    Banner,
    Capture,
    Chime,
    Cover,
    Phase,
    Prepare,
    Rest,
    Skip,
    Speak,
    Start,
    State,
    Volume,
)
from estation_box.playout.turn import Turn

RELOAD_SECONDS: Final = 1.0  # where not even the tail card could be drawn: try again no more often than this
log = logging.getLogger(__name__)


class RefusedError(Exception):
    """A request cannot be followed; the text says why."""


class EngineGoneError(Exception):
    """The engine has shut down: the process must end and be started again."""


class Screen:
    """What is on the screen, and what has been."""

    def __init__(self, engine: Engine, mixer: Mixer, player: str, cover: str) -> None:
        """Show ``cover`` over the tail card. ``mixer``: the sound of the same engine; ``player``: a random id.

        Raises `EngineError`.
        """
        self._engine = engine
        self._mixer = mixer
        self._player = player
        self._cover = Cover(n=0, ass=cover)
        self._phase = Phase.CARD
        self._session: str | None = None
        self._turns: list[Turn] = []
        self._current: Turn | None = None
        self._covered = True
        self._first = self._last = self._tail = 0
        self._sample = Sample(at=0.0)
        self._reloaded = 0.0
        self._quieter = 0.0
        self._words = ""
        engine.overlay(Layer.COVER, cover)
        self._queue(())

    def ask(self, request: AnyRequest, at: float) -> Answer:
        """Follow one request at once."""
        try:
            self._follow(request, at)
        except (RefusedError, EngineError) as error:
            return Answer(n=request.n, ok=False, error=str(error))
        return Answer(n=request.n, ok=True)

    def happened(self, happening: Happening) -> None:
        """Take in what the engine reports. Raises `EngineGoneError`; `EngineError` where the engine is sick."""
        match happening:
            case Opened():
                self._opened(happening)
            case Drawn():
                self._drawn(happening)
            case Closed():
                self._closed(happening)
            case Gone():
                msg = "libmpv has shut down"
                raise EngineGoneError(msg)

    def tick(self) -> None:
        """Sample the engine, five times a second. Raises `EngineError` where it does not answer as it should."""
        self._sample = sample = self._engine.sample()
        if sample.idle and sample.at - self._reloaded >= RELOAD_SECONDS:
            self._reloaded = sample.at
            self._queue(())
        if self._phase is Phase.PLAYING and self._current is not None:
            self._current.sampled(sample)

    def state(self, at: float) -> State:
        """Everything that core must know."""
        running = self._phase is Phase.PLAYING and self._current is not None
        return State(
            player=self._player,
            phase=self._phase,
            at=at,
            session=self._session,
            current=self._current.entry.id if self._current else None,
            entries=tuple(turn.state() for turn in self._turns),
            still_for=self._current.still_for(at) if running and self._current else 0.0,
            frames_ok=self._sample.output,
        )

    def _follow(self, request: AnyRequest, at: float) -> None:
        match request:
            case Prepare():
                self._prepare(request)
            case Start():
                self._start(request.session, at)
            case Skip():
                self._skip(request.session)
            case Rest():
                self._rest()
            case Chime():
                self._chime()
            case _:
                self._show(request)

    def _show(self, request: AnyRequest) -> None:
        """What changes nothing of the list: words over the picture, the sound, a copy of what is seen."""
        match request:
            case Cover():
                self._cover = request
                if self._covered:
                    self._engine.overlay(Layer.COVER, self._cover.ass, self._cover.pictures)
            case Banner():
                self._engine.overlay(Layer.BANNER, request.ass)
            case Volume():
                self._quieter = request.decibels
                self._even()
            case Speak():
                self._speak(request)
            case Capture():
                self._engine.capture(request.path)

    def _prepare(self, request: Prepare) -> None:
        self._draw_cover()
        self._engine.pause(paused=True)
        turns = [Turn(entry) for entry in request.entries]
        self._session, self._turns, self._current = request.session, turns, None
        self._queue(turns)
        self._phase = Phase.PREPARED
        self._engine.turn_to(self._first)

    def _start(self, session: str, at: float) -> None:
        if session != self._session:
            msg = f"session {session} is not prepared"
            raise RefusedError(msg)
        if self._phase is not Phase.PREPARED:
            return  # it runs, or is over already
        self._phase = Phase.PLAYING
        current = self._current
        if current is not None and current.drawn:
            self._engine.reveal()
            self._covered = False
            current.seen(self._engine.sample(), at)
        else:  # the cover stays until the first picture is there
            self._engine.pause(paused=False)
            if current is not None:
                current.wait_from(at)

    def _skip(self, session: str) -> None:
        if session != self._session or self._phase is not Phase.PLAYING:
            msg = f"session {session} is not running"
            raise RefusedError(msg)
        if self._current is not None:
            self._current.leaving = "skipped"
            self._engine.turn_to(self._current.token + 1)  # tokens of one list follow each other, the tail card last

    def _speak(self, request: Speak) -> None:
        if request.session != self._session or self._phase is not Phase.PLAYING:
            msg = f"session {request.session} is not running"
            raise RefusedError(msg)
        for turn in self._turns:
            if turn.entry.id in request.tracks:
                audio, subtitles = request.tracks[turn.entry.id]
                turn.entry = replace(turn.entry, audio=audio, subtitles=subtitles)
                turn.spoken = True
        self._tune()

    def _tune(self) -> None:
        """The current entry's sound: as loud as all others, in the language that was chosen while it ran."""
        self._even()
        turn = self._current
        if turn is not None and turn.spoken:
            self._mixer.tracks(turn.entry.audio, turn.entry.subtitles)

    def _even(self) -> None:
        gain = self._current.entry.gain if self._current is not None else 0.0
        self._mixer.volume(gain + self._quieter)

    def _say(self, words: str) -> None:
        """The words over a still come and go with its picture."""
        if words != self._words:
            self._engine.overlay(Layer.WORDS, words)
            self._words = words

    def _rest(self) -> None:
        """What was shown stays known until the next session is prepared."""
        self._draw_cover()
        if self._phase is Phase.PLAYING and self._current is not None:
            self._current.sampled(self._engine.sample())
        if self._phase in {Phase.PREPARED, Phase.PLAYING}:
            self._engine.pause(paused=False)
            self._engine.turn_to(self._tail)
        self._phase = Phase.CARD

    def _chime(self) -> None:
        """Two tones from a file whose picture nobody sees; the tail card follows it."""
        if self._phase in {Phase.PREPARED, Phase.PLAYING}:
            return
        tokens = self._engine.queue((CHIME,))
        self._first = self._last = tokens[0]
        self._tail = tokens[-1]
        self._engine.turn_to(tokens[0])

    def _queue(self, turns: list[Turn] | tuple[()]) -> None:
        tokens = self._engine.queue([turn.entry for turn in turns])
        for turn, token in zip(turns, tokens, strict=False):
            turn.token = token
        self._first, self._last, self._tail = tokens[0], tokens[0], tokens[-1]

    def _opened(self, opened: Opened) -> None:
        if opened.token < self._first:
            return  # a file of the list before this one
        if opened.token == self._tail:
            self._list_over()
        elif opened.token > self._tail:
            log.warning("a file brought another one into the list: left out")
            self._engine.turn_to(self._last + 1)
        else:
            self._last = opened.token
            self._current = self._turn(opened.token)
            if self._current is not None:
                self._current.wait_from(opened.at)
                self._tune()

    def _list_over(self) -> None:
        self._current = None
        self._even()
        if self._phase in {Phase.PREPARED, Phase.PLAYING}:
            self._draw_cover()
            self._engine.pause(paused=False)
            self._phase = Phase.ENDED
        self._say("")

    def _drawn(self, drawn: Drawn) -> None:
        turn = self._current
        if turn is None:
            return
        self._sample = sample = self._engine.sample()
        if sample.position is None:
            return  # not one frame could be decoded; the file's end follows
        turn.drawn = True
        self._say(turn.entry.words)
        if self._phase is Phase.PLAYING:
            if self._covered:
                self._uncover()
            turn.seen(sample, drawn.at)

    def _closed(self, closed: Closed) -> None:
        turn = self._turn(closed.token)
        if turn is not None:
            turn.close(closed)
            if turn is self._current:
                self._current = None

    def _turn(self, token: int) -> Turn | None:
        return next((turn for turn in self._turns if turn.token == token), None)

    def _draw_cover(self) -> None:
        if not self._covered:
            self._engine.overlay(Layer.COVER, self._cover.ass, self._cover.pictures)
            self._covered = True

    def _uncover(self) -> None:
        self._engine.overlay(Layer.COVER, "")
        self._covered = False
