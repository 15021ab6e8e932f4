"""The carrier board for its trial (`estation hw-test`): gpiozero, the serial port, the kernel's clock and tree."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Final

from gpiozero import LED  # type: ignore[import-untyped]  # gpiozero brings no types

from estation_box.clock.interfaces import RealTimeClock
from estation_box.drivers import pins
from estation_box.drivers.gpio import ButtonError, GpioButton
from estation_box.drivers.rtc import FOLDER
from estation_box.drivers.supervisor import PORT, SerialLine
from estation_box.guarding.trial import BoardError, NoChipError, Supervisor
from estation_box.programme.courtesy import Press
from estation_wire import supervisor_heard
from estation_wire import supervisor_words as words

TREE: Final = Path("/proc/device-tree")
CLOCK_NAME: Final = FOLDER / "name"
_ADDRESS: Final = "-0068"
_LOOK_SECONDS: Final = 0.02
_LATER_SECONDS: Final = 1.0  # the word of what was seen, after the time for seeing it
_NODE: Final = "carrier-leds"


class CarrierBoard:
    """See `trial.Board`. ``factory``: gpiozero's pin factory, None for that of this machine."""

    def __init__(
        self,
        rtc: RealTimeClock,
        *,
        factory: Any = None,
        tree: Path = TREE,
        port: Path = PORT,
        clock_name: Path = CLOCK_NAME,
    ) -> None:
        self._rtc = rtc
        self._clock_name = clock_name
        self._factory = factory
        self._tree = tree
        self._port = port
        self._held: dict[int, LED] = {}

    def fitted(self) -> bool:
        """See `Board.fitted`."""
        return (self._tree / _NODE).is_dir()

    def clock(self) -> datetime | None:
        """See `Board.clock`: the kernel names its clock after bus and address, as in ``rtc-ds1307 1-0068``."""
        try:
            name = self._clock_name.read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise NoChipError(str(error)) from error
        if not name.strip().endswith(_ADDRESS):
            msg = f"the clock is {name.strip()}, not the carrier board's"
            raise NoChipError(msg)
        return self._rtc.read()

    def supervisor(self, within_seconds: float, spared_seconds: int) -> Supervisor:
        """See `Board.supervisor`."""
        with self._line() as line:
            line.send(words.HELLO, words.say(words.HELLO, 0, 0, 0))
            line.send(words.BEAT, words.say(words.BEAT, words.HEALTH_SAFE, 0, spared_seconds))
            told = self._asked(line, within_seconds, {words.HELLO, words.STATUS, words.COUNTERS})
            hello, status, counters = map(told.get, (words.HELLO, words.STATUS, words.COUNTERS))
            version, starts = hello[:2] if hello else (None, None)
            supply, at_pi = counters[2:] if counters else (None, None)
            return Supervisor(line.heard_bytes, version, starts, status[0] if status else None, supply, at_pi)

    def pressed(self, within_seconds: float) -> bool:
        """See `Board.pressed`."""
        told: Queue[Press] = Queue(maxsize=8)
        try:
            with GpioButton(pins.BUTTON, told.put, factory=self._factory):
                told.get(timeout=within_seconds)
        except ButtonError as error:
            raise BoardError(str(error)) from error
        except Empty:
            return False
        return True

    def light(self, *, on: bool) -> None:
        """See `Board.light`: the line stays driven until it is told to be off."""
        self._drive("light", pins.LIGHT, on=on)

    def relay(self, *, on: bool) -> None:
        """See `Board.relay`."""
        self._drive("relay", pins.RELAY, on=on)

    def echo(self, order: bytes, within_seconds: float) -> tuple[int, ...] | None:
        """See `Board.echo`: it listens first, and sends while it listens."""
        with self._line() as line:
            line.send(words.IR_LEARN, words.say(words.IR_LEARN, round(within_seconds * 1000)))
            line.send(words.IR_SEND, order)
            told = self._asked(line, within_seconds + _LATER_SECONDS, {words.IR_SENT, words.IR_LEARNT})
            sent = told.get(words.IR_SENT)
            return told.get(words.IR_LEARNT, ()) if sent and sent[1] else None

    def _line(self) -> SerialLine:
        """The serial line. Raises `BoardError` where it cannot be opened."""
        line = SerialLine(self._port)
        if not line.there:
            msg = f"{self._port} cannot be opened: is the board's overlay loaded?"
            raise BoardError(msg)
        return line

    def _asked(self, line: SerialLine, within_seconds: float, wanted: set[int]) -> dict[int, tuple[int, ...]]:
        """The newest numbers of each frame that came, until all that are ``wanted`` have come or the time is over."""
        told: dict[int, tuple[int, ...]] = {}
        ends = time.monotonic() + within_seconds
        while not wanted <= told.keys() and time.monotonic() < ends:
            for frame in line.hear():
                numbers = (
                    supervisor_heard.pulses(frame.payload) if frame.kind == words.IR_LEARNT else words.read(*frame)
                )
                if numbers is not None:
                    told[frame.kind] = numbers
            time.sleep(_LOOK_SECONDS)
        return told

    def _drive(self, name: str, bcm: int, *, on: bool) -> None:
        held = self._held.pop(bcm, None)
        if held is not None:
            held.close()
        if not on:
            return
        try:
            self._held[bcm] = LED(bcm, initial_value=True, pin_factory=self._factory)
        except Exception as error:  # lgpio, on the Pi alone, says «GPIO busy» by a bare Exception
            msg = f"the {name} on GPIO {bcm} cannot be used: {error}"
            raise BoardError(msg) from error
