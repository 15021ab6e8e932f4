"""Two supervisors at the other end of the line: the real program on CPython, and on MicroPython over a real pty."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time
import tty
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from estation_box.drivers.supervisor import SerialLine
from estation_box.guarding.interfaces import Heard
from estation_box.guarding.service import Guard, Told
from estation_wire.supervisor_frame import Decoder, encode
from tests.support.supervisor import ROOT, TOOLS, environment, fetch_tools

from estation_mcu.simulated import Board  # isort: skip
from estation_mcu.supervisor import Supervisor  # isort: skip

STEP = 1.0
PATIENCE = 30.0
MOST_WAITING = 4000  # a terminal keeps 4,095 bytes for whoever reads it


class OnPython:
    """The supervisor's own program, its board simulated, its time ours. It is the line as well."""

    def __init__(self) -> None:
        self.now = 0.0
        self._to_board, self._to_pi = bytearray(), bytearray()
        self._decoder = Decoder()
        self._silent = False
        self.board = Board(self._read, self._to_pi.extend, lambda: int(self.now * 1000) & 0x3FFFFFFF)
        self._supervisor = Supervisor(self.board)
        self.line = self

    def _read(self) -> bytes:
        data = bytes(self._to_board)
        self._to_board.clear()
        return data

    def send(self, kind: int, payload: bytes = b"") -> bool:
        self.raw(encode(kind, payload))
        return True

    def hear(self) -> list[Heard]:
        data = bytes(self._to_pi)
        self._to_pi.clear()
        return [Heard(frame.kind, frame.payload) for frame in self._decoder.feed(data)]

    def raw(self, data: bytes) -> None:
        self._to_board += data

    def pass_on(self, seconds: float) -> None:
        for _ in range(round(seconds * 20)):
            self.now += 0.05
            if not self._silent:
                self._supervisor.turn()

    def fall_silent(self) -> None:
        self._silent = True

    def speak_again(self) -> None:
        self._silent = False

    def start_anew(self) -> None:
        """Its own watchdog reset it: what it counted is gone, and it says that it began again."""
        self.board.door = 0
        self._supervisor = Supervisor(self.board)

    def cuts(self) -> int:
        return sum(not on for _, on in self.board.switched)

    def close(self) -> None:
        pass


class OnMicroPython:
    """The same on MicroPython's unix port, at the other end of a real pty, its time ours (`tests/mcu/on_unix.py`).

    ``port``: the Pi's end, for whoever brings a driver; `line` is a driver of ours. A step is over when every byte that
    either side sent has arrived, so that a busy machine changes nothing.
    """

    def __init__(self, *script: str, flash: Path | None = None, given: Mapping[str, str] | None = None) -> None:
        """``script``: another program than the simulated board's, with its words; its folder and environment."""
        fetch_tools()
        self.now = 0.0
        self.switched: list[tuple[int, bool]] = []
        self.printed: list[list[str]] = []
        self.carried = bytearray()
        """What the Pi's end has said."""
        self._master, self._slave = pty.openpty()
        self._theirs, self._far = pty.openpty()
        for end in (self._slave, self._far):
            tty.setraw(end)
        for end in (self._master, self._theirs):
            os.set_blocking(end, False)
        self.port = Path(os.ttyname(self._slave))
        self._ours = SerialLine(self.port)
        self.line = self
        assert self._ours.there  # opened now: whoever opens a terminal throws away what is in it
        self._to_board, self._given, self._taken, self._coming = 0, 0, 0, 0
        program, *rest = script or ("on_unix.py", "stepped")
        self._process = subprocess.Popen(
            [TOOLS / "micropython", "-X", "heapsize=180k", ROOT / "tests/mcu" / program, os.ttyname(self._far), *rest],
            env=given or environment(), cwd=flash, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert self._process.stdout.readline() == "READY\n"

    def send(self, kind: int, payload: bytes = b"") -> bool:
        sent = self._ours.send(kind, payload)
        self._to_board += len(encode(kind, payload)) if sent else 0
        return sent

    def hear(self) -> list[Heard]:
        _await(lambda: _waiting(self._slave) >= self._coming)
        self._coming = 0
        return self._ours.hear()

    def raw(self, data: bytes) -> None:
        os.write(self._theirs, data)
        self._given += len(data)

    def pass_on(self, seconds: float) -> None:
        for _ in range(max(round(seconds / STEP), 1)):
            self._pass_on(min(seconds, STEP))

    def order(self, word: str) -> None:
        """Something happens to its chip."""
        print(word, file=self._process.stdin, flush=True)

    def _pass_on(self, seconds: float) -> None:
        self.now += seconds
        said = _read(self._master, self._to_board)
        self.carried += said
        self.raw(said)
        self._to_board = 0
        if self._process.poll() is not None:
            return
        print(round(seconds * 20), self._given, file=self._process.stdin, flush=True)
        while (words := self._process.stdout.readline().split())[0] != "TURNED":
            self.printed.append(words)
            if words[0] == "POWER":
                self.switched.append((int(words[2]), words[1] == "1"))
        said = _read(self._theirs, int(words[1]) - self._taken)
        self._taken = int(words[1])
        if _waiting(self._slave) + len(said) < MOST_WAITING:  # nobody listens: a serial port loses it, too
            os.write(self._master, said)
            self._coming += len(said)

    def fall_silent(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def cuts(self) -> int:
        return sum(not on for _, on in self.switched)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)
        self._ours.close()
        for end in (self._master, self._slave, self._theirs, self._far):
            os.close(end)


class Running:
    """A supervisor beside a program that has its own clock: ten steps a second, or as many as the machine makes."""

    def __init__(self, board: OnMicroPython, pause: float = 0.1) -> None:
        self.board = board
        self._pause = pause
        self._over = threading.Event()
        self._life = threading.Thread(target=self._live)
        self._life.start()

    def close(self) -> None:
        self._over.set()
        self._life.join()
        self.board.close()

    def _live(self) -> None:
        while not self._over.wait(self._pause):
            self.board.pass_on(0.1)


def _waiting(end: int) -> int:
    """Bytes that can be read of an end of a pty."""
    return int(struct.unpack("i", fcntl.ioctl(end, termios.FIONREAD, bytes(4)))[0])


def _await(there: Callable[[], bool]) -> None:
    """Bytes of a pty are handed over by the kernel when it has time."""
    ends = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < ends, "bytes of a pty were lost"
        time.sleep(0.0005)


def _read(end: int, count: int) -> bytes:
    """At least ``count`` bytes, and what else is there."""
    _await(lambda: _waiting(end) >= count)
    there = _waiting(end)
    return os.read(end, there) if there else b""


class Pi:
    """The Pi's side and its supervisor; time passes for both."""

    def __init__(self, board: OnPython | OnMicroPython) -> None:
        self.board = board
        self.guard = Guard(board.line)
        self.told: list[Told] = []
        self.utc: datetime | None = None

    def run(self, seconds: float, health: int | None, pause: float = 0.0) -> None:
        ends = self.board.now + seconds
        while self.board.now < ends:
            self.told += self.guard.tick(self.board.now, health, 61.0, pause, self.utc)
            self.board.pass_on(STEP)

    def run_until(self, what: str, seconds: float, health: int | None) -> float:
        began = self.board.now
        while not any(each.what == what for each in self.told):
            assert self.board.now - began < seconds, what
            self.run(STEP, health)
        return self.board.now - began
