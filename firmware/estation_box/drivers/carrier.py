"""The carrier board for its trial (`estation hw-test`): gpiozero, the serial port, the kernel's clock and tree."""

from __future__ import annotations

import os
import select
import termios
import time
import tty
from datetime import datetime
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Final

from gpiozero import LED  # type: ignore[import-untyped]  # gpiozero brings no types

from estation_box.clock.interfaces import RealTimeClock
from estation_box.drivers import pins
from estation_box.drivers.gpio import ButtonError, GpioButton
from estation_box.drivers.rtc import FOLDER
from estation_box.guarding.trial import BoardError, NoChipError
from estation_box.programme.courtesy import Press

TREE: Final = Path("/proc/device-tree")
PORT: Final = Path("/dev/ttyAMA0")  # `serial0` of the Pi 3, 4 and Zero 2 W's trees, moved to the header by our overlay
CLOCK_NAME: Final = FOLDER / "name"
_ADDRESS: Final = "-0068"
SPEED: Final = termios.B115200
_MOST_BYTES: Final = 4096  # enough to know that somebody speaks
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

    def heard(self, within_seconds: float) -> int:
        """See `Board.heard`."""
        try:
            line = os.open(self._port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            msg = f"{self._port}: {error.strerror}"
            raise BoardError(msg) from error
        try:
            tty.setraw(line)
            given = termios.tcgetattr(line)
            given[4] = given[5] = SPEED
            termios.tcsetattr(line, termios.TCSANOW, given)
            return _bytes_on(line, time.monotonic() + within_seconds)
        except (OSError, termios.error) as error:
            msg = f"{self._port}: {error}"
            raise BoardError(msg) from error
        finally:
            os.close(line)

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

    def echo(self, within_seconds: float) -> bool | None:  # noqa: ARG002  # the promise of `Board`
        """See `Board.echo`: this program does not speak with the supervisor, so it cannot ask."""
        return None

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


def _bytes_on(line: int, until: float) -> int:
    count = 0
    while count < _MOST_BYTES and (left := until - time.monotonic()) > 0:
        if select.select([line], [], [], left)[0]:
            read = os.read(line, _MOST_BYTES)
            if not read:
                break
            count += len(read)
    return count
