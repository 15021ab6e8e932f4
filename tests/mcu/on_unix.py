"""The supervisor on MicroPython's unix port: `micropython on_unix.py TTY [stepped]`; prints what its board does.

A line each: `POWER 1` with its tick. It runs until the process is ended. `weigh.py` runs it as well.

With `stepped` its clock is the test's: each line on its standard input is a number of turns, 50 ms apart, and how many
bytes the line has carried to it until then; it answers `TURNED` and how many it has written. No turn begins before
those bytes are there, so that nothing depends on how busy the machine is.
"""

import select
import sys
import termios
import time

from estation_mcu.simulated import Board
from estation_mcu.supervisor import Supervisor


def opened(path):
    """The line, raw; VMIN and VTIME 0 (places 6 and 5 there), else a read waits for all it asked for."""
    tty = open(path, "r+b", buffering=0)  # noqa: PTH123, SIM115 -- MicroPython; open until the process ends
    termios.setraw(tty.fileno())
    settings = termios.tcgetattr(tty.fileno())
    settings[6][6] = 0
    settings[6][5] = 0
    termios.tcsetattr(tty.fileno(), termios.TCSANOW, settings)
    return tty


def run(path, scale=None):
    tty = opened(path)
    poll = select.poll()
    poll.register(tty, select.POLLIN)

    def read():
        return (tty.read(256) or b"") if poll.poll(0) else b""

    board = Board(read, tty.write, time.ticks_ms)
    if scale:
        scale.begin()
    supervisor = Supervisor(board)
    powered = None
    next_word = time.ticks_ms()
    while True:
        supervisor.turn()
        if board.powered != powered:
            powered = board.powered
            print("POWER", int(powered), board.ticks())
        if scale and time.ticks_diff(time.ticks_ms(), next_word) > 0:
            next_word = time.ticks_ms() + 500
            board.sent = board.seen = []  # what the simulated board noted is not the supervisor's
            scale.tell()
        time.sleep_ms(5)


class Steps:
    """The line with its bytes counted, and a clock that the test moves."""

    def __init__(self, tty):
        self.now = self.got = self.put = 0
        self._tty = tty
        self._waiting = b""
        self._poll = select.poll()
        self._poll.register(tty, select.POLLIN)

    def expect(self, total):
        """Wait for the bytes that were sent; the kernel hands them over when it likes, but not after half a minute."""
        for _ in range(30_000):
            if self.got >= total:
                return
            if self._poll.poll(1):
                data = self._tty.read(256) or b""
                self.got += len(data)
                self._waiting += data
        sys.exit("bytes of the line were lost")

    def read(self):
        data, self._waiting = self._waiting, b""
        return data

    def write(self, data):
        self.put += len(data)
        self._tty.write(data)


def step(path):
    steps = Steps(opened(path))
    board = Board(steps.read, steps.write, lambda: steps.now & 0x3FFFFFFF)
    supervisor = Supervisor(board)
    powered = None
    print("READY")
    for order in sys.stdin:
        turns, total = map(int, order.split())
        steps.expect(total)
        for _ in range(turns):
            steps.now += 50
            supervisor.turn()
            if board.powered != powered:
                powered = board.powered
                print("POWER", int(powered), board.ticks())
        print("TURNED", steps.put)


if __name__ == "__main__":
    (step if sys.argv[2:] == ["stepped"] else run)(sys.argv[1])
