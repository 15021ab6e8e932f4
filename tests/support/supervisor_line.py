"""Two supervisors at the other end of the line: the real program on CPython, and on MicroPython over a real pty."""

from __future__ import annotations

import os
import pty
import subprocess
import time
import tty
from pathlib import Path

from estation_box.drivers.supervisor import SerialLine
from estation_box.guarding.interfaces import Heard
from estation_box.guarding.service import Guard, Told
from estation_wire.supervisor_frame import Decoder, encode
from tests.support.supervisor import ROOT, TOOLS, environment, fetch_tools

from estation_mcu.simulated import Board  # isort: skip
from estation_mcu.supervisor import Supervisor  # isort: skip

STEP = 1.0
SPEED = 30


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

    def cuts(self) -> int:
        return sum(not on for _, on in self.board.switched)

    def close(self) -> None:
        pass


class OnMicroPython:
    """The same on MicroPython's unix port, at the other end of a pty; its clock runs faster than ours."""

    def __init__(self) -> None:
        fetch_tools()
        self._began = time.monotonic()
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self._ours = SerialLine(Path(os.ttyname(self._slave)))
        self._theirs, far = pty.openpty()
        tty.setraw(far)
        self._far = far
        program = str(ROOT / "tests/mcu/on_unix.py")
        self._process = subprocess.Popen(
            [TOOLS / "micropython", "-X", "heapsize=180k", program, os.ttyname(far), str(SPEED)],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        for end in (self._master, self._theirs):
            os.set_blocking(end, False)
        self.line = self._ours

    @property
    def now(self) -> float:
        """Seconds of the board's own clock: on a machine that is busy more of them go by."""
        return (time.monotonic() - self._began) * SPEED

    def raw(self, data: bytes) -> None:
        os.write(self._theirs, data)

    def pass_on(self, seconds: float) -> None:
        ends = time.monotonic() + seconds / SPEED
        while True:
            for here, there in ((self._master, self._theirs), (self._theirs, self._master)):
                try:
                    os.write(there, os.read(here, 4096))
                except BlockingIOError:
                    continue
            if time.monotonic() >= ends:
                return
            time.sleep(0.002)

    def fall_silent(self) -> None:
        self._process.kill()

    def cuts(self) -> int:
        self._process.kill()
        assert self._process.stdout is not None
        return self._process.stdout.read().count("POWER 0")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)
        self._ours.close()
        for end in (self._master, self._slave, self._theirs, self._far):
            os.close(end)


class Pi:
    """The Pi's side and its supervisor; time passes for both."""

    def __init__(self, board: OnPython | OnMicroPython) -> None:
        self.board = board
        self.guard = Guard(board.line)
        self.told: list[Told] = []

    def run(self, seconds: float, health: int | None, pause: float = 0.0) -> None:
        ends = self.board.now + seconds
        while self.board.now < ends:
            self.told += self.guard.tick(self.board.now, health, 61.0, pause)
            self.board.pass_on(STEP)

    def run_until(self, what: str, seconds: float, health: int | None) -> float:
        began = self.board.now
        while not any(each.what == what for each in self.told):
            assert self.board.now - began < seconds, what
            self.run(STEP, health)
        return self.board.now - began
