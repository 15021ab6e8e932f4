"""The supervisor's turn: hears the Pi, asks the policy, works the power switch, and says what happened.

`Supervisor.turn` is called every few milliseconds by `main`; it never waits, except for an infrared code that leaves
the LED (at most 0.25 s). It takes a board: `board.Board` on the Pico, `simulated.Board` elsewhere.
"""

from estation_mcu import kept, lights, policy
from estation_mcu.saying import Voice
from estation_wire import infrared
from estation_wire import supervisor_words as words
from estation_wire.supervisor_frame import Decoder, Frame

VERSION = 1
"""Of this program, as HELLO says it."""

SAY_MS = 2000
MAX_LEARN_MS = 20_000

_GOODBYES = (policy.NOTHING, policy.REBOOTING, policy.HALTING, policy.NOTHING)
"""The event of a GOODBYE, by its word: a tuple lies in the Pico's flash, a dictionary in its memory."""


class Supervisor:
    """One supervisor over one board, from its start on. The power is on from the first line."""

    def __init__(self, board) -> None:
        board.power(on=True)
        now = board.ticks()
        starts, cuts, recent = kept.unpacked(board.recall())
        self.policy = policy.Policy(now, cuts, recent)
        self.starts = starts + 1 & 0xFFFF
        self.voice = Voice(board)
        self._board = board
        self._decoder = Decoder()
        self._heard = False
        self._refused = 0
        self._said_at = now - SAY_MS
        self._kept = b""
        self._lights = lights.Lights()
        self._learning = False
        self._keep()
        self.voice.log.info("started, cause %d, start %d", board.cause, self.starts)

    def turn(self) -> None:
        """Everything that is to be done at this moment."""
        board = self._board
        now = board.ticks()
        self._note(began=self.policy.step(policy.NOTHING, now))
        for frame in self._decoder.feed(board.read()):
            self._obey(frame, now)
        if self._learning:
            self._learnt()
        if (now - self._said_at) & policy.TICKS >= SAY_MS:
            self._say(now)
        if self._lights.changed(self.policy.phase, now):
            board.show(self._lights.colours)
        board.feed()

    def _note(self, *, began: bool) -> None:
        """A phase began: what must last over a restart is kept first, then the switch, then the word."""
        if not began:
            self._keep()
            return
        phase = self.policy.phase
        self._keep()
        if not self.policy.power:
            self.voice.say(words.STATUS, *self._status())  # before the line is let go of
        self._board.power(on=self.policy.power)
        if phase == policy.WARNED:
            self.voice.say(words.WARNING, self.policy.times[2])
        self.voice.log.warning("%s, cuts %d", words.PHASES[phase], self.policy.cuts)
        self.voice.say(words.STATUS, *self._status())

    def _keep(self) -> None:
        """Write only what is new: the flash of the Pico bears a hundred thousand writes."""
        data = kept.packed(self.starts, self.policy.cuts, self.policy.recent)
        if data != self._kept:
            self._kept = data
            self._board.remember(data)

    def _status(self) -> tuple:
        return (
            self.policy.phase,
            self.policy.cuts,
            self.policy.recent,
            self._refused ^ 1,
            min(self._decoder.dropped, 255),
        )

    def _say(self, now: int) -> None:
        self._said_at = now
        if not self._heard:
            self._hello()
        self.voice.say(words.STATUS, *self._status())
        self.voice.say(words.COUNTERS, self.starts, self._board.passages(), *self._board.millivolts())

    def _hello(self) -> None:
        self.voice.say(words.HELLO, VERSION, self.starts, self._board.cause)

    def _obey(self, frame: Frame, now: int) -> None:
        kind, numbers = frame.kind, words.read(frame.kind, frame.payload)
        if kind == words.IR_SEND:
            self._send(frame)
        elif numbers is None:
            return  # a word that this program does not know: a newer Pi may say it
        elif kind == words.HELLO:
            self._heard = True
            self._hello()
            self._note(began=self.policy.step(policy.HELLO, now))
        elif kind == words.BEAT and words.HEALTH_PLAYING <= numbers[0] <= words.HEALTH_SAFE:
            self._heard = True
            self._note(began=self.policy.step(policy.BEAT, now, numbers[2]))
        elif kind == words.GOODBYE:
            self._heard = False
            self._note(began=self.policy.step(_GOODBYES[min(numbers[0], 3)], now))
        else:
            self._obey_rest(kind, numbers, frame.payload)

    def _obey_rest(self, kind: int, numbers: tuple, payload: bytes) -> None:
        if kind == words.PARAMETERS:
            times = words.parameters(payload)
            self._refused = 0 if times else 1
            self.policy.times = times or self.policy.times
            self.voice.say(words.STATUS, *self._status())
        elif kind == words.TIME:
            self.voice.clock(numbers[0], self._board.ticks())
        elif kind == words.LIGHT:
            self._lights.told(*numbers)
        elif kind == words.IR_LEARN:
            self._board.listen(min(numbers[0], MAX_LEARN_MS))
            self._learning = True

    def _send(self, frame: Frame) -> None:
        code = infrared.ordered(frame.payload)
        self.voice.say(words.IR_SENT, frame.number, 1 if code and self._board.send(*code) else 0)

    def _learnt(self) -> None:
        pulses = self._board.learnt()
        if pulses is None:
            return
        self._learning = False
        self.voice.pulses(pulses)
