"""The supervisor on MicroPython's unix port: `micropython on_unix.py TTY [SPEED]`; prints what its board does.

A line each: `POWER 1` with its tick; `HEAP` bytes of the supervisor and of everything, after the start and then twice a
second. What the simulated board and this file take is not the supervisor's: on the Pico there is `board` instead, and
all the program lies in the flash. SPEED makes its clock run faster. It runs until the process is ended.
"""

import gc
import select
import sys
import termios
import time

from estation_mcu.supervisor import Supervisor

gc.collect()
_PROGRAM = gc.mem_alloc()
from estation_mcu.simulated import Board  # noqa: E402 -- its memory is counted apart


def opened(path):
    """The line, raw; VMIN and VTIME 0 (places 6 and 5 there), else a read waits for all it asked for."""
    tty = open(path, "r+b", buffering=0)  # noqa: PTH123, SIM115 -- MicroPython; open until the process ends
    termios.setraw(tty.fileno())
    settings = termios.tcgetattr(tty.fileno())
    settings[6][6] = 0
    settings[6][5] = 0
    termios.tcsetattr(tty.fileno(), termios.TCSANOW, settings)
    return tty


def run(path, speed):
    tty = opened(path)
    poll = select.poll()
    poll.register(tty, select.POLLIN)

    def read():
        return (tty.read(256) or b"") if poll.poll(0) else b""

    board = Board(read, tty.write, lambda: time.ticks_ms() * speed & 0x3FFFFFFF)
    gc.collect()
    beside = gc.mem_alloc() - _PROGRAM
    supervisor = Supervisor(board)
    gc.collect()
    print("HEAP", gc.mem_alloc() - beside, gc.mem_alloc())
    powered = None
    next_word = time.ticks_ms()
    while True:
        supervisor.turn()
        if board.powered != powered:
            powered = board.powered
            print("POWER", int(powered), board.ticks())
        if time.ticks_diff(time.ticks_ms(), next_word) > 0:
            next_word = time.ticks_ms() + 500
            board.sent = board.seen = []  # what the simulated board noted is not the supervisor's either
            gc.collect()
            print("HEAP", gc.mem_alloc() - beside, gc.mem_alloc())
        time.sleep_ms(5)


run(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
