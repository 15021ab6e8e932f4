from __future__ import annotations

import os
import pty
import select
import subprocess
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from estation_wire import infrared, infrared_seen, supervisor_heard
from estation_wire import supervisor_words as words
from estation_wire.supervisor_frame import Decoder, Frame, encode
from tests.support.supervisor import ROOT, TOOLS, compiled, environment, fetch_tools, library
from tests.support.supervisor_line import OnMicroPython

HEAP_BYTES = 32 * 1024


class Line:
    """The Pi's end of the pty, and what the supervisor's board did."""

    def __init__(self, fd: int, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.heard: list[Frame] = []
        self._fd = fd
        self._decoder = Decoder()

    def say(self, kind: int, *numbers: int) -> None:
        os.write(self._fd, encode(kind, words.say(kind, *numbers)))

    def raw(self, data: bytes) -> None:
        os.write(self._fd, data)

    def hear(self, kind: int, where=lambda payload: True, within_s: float = 20) -> bytes:
        """The payload of the next frame of this kind that is like that; what came before it is forgotten."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            while self.heard:
                frame = self.heard.pop(0)
                if frame.kind == kind and where(frame.payload):
                    return frame.payload
            if select.select([self._fd], [], [], 0.2)[0]:
                self.heard += self._decoder.feed(os.read(self._fd, 4096))
        pytest.fail(f"no frame of kind {kind} within {within_s} s")


@contextmanager
def supervisor(program: Path | None = None) -> Iterator[Line]:
    """The program as it is written, or compiled into a folder, and then weighed."""
    fetch_tools()
    script = "weigh.py" if program else "on_unix.py"
    master, slave = pty.openpty()
    tty.setraw(slave)
    process = subprocess.Popen(
        [TOOLS / "micropython", "-X", "heapsize=180k", str(ROOT / "tests/mcu" / script), os.ttyname(slave)],
        env=environment(program), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield Line(master, process)
    finally:
        process.kill()
        process.wait(10)
        os.close(master)
        os.close(slave)


def ended(line: Line) -> list[list[str]]:
    """What its board did, in words; the process is over."""
    line.process.kill()
    assert line.process.stdout is not None
    return [row.split() for row in line.process.stdout.read().splitlines()]


def test_a_whole_life_on_the_real_interpreter():
    """Noise, hello, beats, silence, a cut of five seconds, and the box is back: on MicroPython, over a serial line."""
    board = OnMicroPython()
    board.raw(b"\xffnoise\0\x05")
    assert (words.HELLO, (1, 1, words.CAUSE_POWER)) in heard(board, 3)
    for kind, numbers in ((words.HELLO, (1, 1, 1)), (words.PARAMETERS, (60, 15, 10, 5, 1, 3600))):
        board.send(kind, words.say(kind, *numbers))
    board.send(words.BEAT, words.say(words.BEAT, words.HEALTH_PLAYING, 1000, 0))
    assert "WATCH" in phases(heard(board, 3))
    assert (words.WARNING, (10,)) in heard(board, 16)
    assert phases(heard(board, 20))[-1] == "BOOT"
    assert phases(heard(board, 75))[-1] == "LOCKOUT"  # one cut an hour was allowed
    board.send(words.BEAT, words.say(words.BEAT, words.HEALTH_SAFE, 0, 0))
    told = heard(board, 3)
    assert phases(told)[-1] == "WATCH"
    assert {numbers[1] for kind, numbers in told if kind == words.STATUS} == {1}
    board.close()
    assert [on for _, on in board.switched] == [True, False, True]
    assert board.switched[2][0] - board.switched[1][0] in range(5000, 5051)


def heard(board: OnMicroPython, seconds: float) -> list[tuple[int, tuple[int, ...] | None]]:
    """What it says meanwhile: kinds and numbers."""
    told = []
    for _ in range(round(seconds)):
        board.pass_on(1)
        told += [(frame.kind, words.read(*frame)) for frame in board.hear()]
    return told


def phases(told: list[tuple[int, tuple[int, ...] | None]]) -> list[str]:
    return [words.PHASES[numbers[0]] for kind, numbers in told if kind == words.STATUS and numbers]


def test_lights_infrared_and_log_on_the_real_interpreter():
    """A code is sent and learnt, the time is noted, a line of the log comes."""
    with supervisor() as line:
        line.hear(words.HELLO)
        line.say(words.TIME, 1_795_615_200_000)
        level, text = supervisor_heard.read_line(line.hear(words.LOG, lambda payload: b"time" in payload))
        assert (level, text[:18]) == (20, "time 1795615200000")
        line.say(words.IR_LEARN, 5000)
        line.raw(encode(words.IR_SEND, infrared_seen.order(infrared.RC6, 1, 0, 12), 5))
        assert words.read(words.IR_SENT, line.hear(words.IR_SENT)) == (5, 1)
        learnt = line.hear(words.IR_LEARNT)
        assert supervisor_heard.pulses(learnt) == tuple(infrared.rc6(1, 0, 12))


def test_it_needs_little_memory(tmp_path):
    """The program with its library takes at most 32 kB of heap, and no more after a flood of frames and noise."""
    taken = heaps(tmp_path, library())
    assert max(taken) <= HEAP_BYTES
    assert taken[-1] - taken[0] <= 1024


def heaps(folder: Path, logging: Path) -> list[int]:
    """Bytes of heap while 150 beats, 150 infrared codes and noise come, and after them.

    Compiled as it is for the Pico, with the module ``logging`` of that folder.
    """
    fetch_tools()
    with supervisor(compiled(folder, logging)) as line:
        line.hear(words.HELLO)
        for turn in range(150):
            line.say(words.BEAT, words.HEALTH_PLAYING, turn, 0)
            line.raw(encode(words.IR_SEND, infrared_seen.order(infrared.NEC, turn)) + bytes(range(turn)) + b"\0")
            line.hear(words.IR_SENT)
        time.sleep(1.2)
        taken = [int(row[1]) for row in ended(line) if row[0] == "HEAP"]
    assert len(taken) >= 2
    return taken
