"""Runs on the emulated Pico, over the frozen program: a box falls silent, is cut, and gets its power back."""

import gc
import sys

from machine import WDT

gc.collect()
before = gc.mem_alloc()
from estation_mcu import pins  # noqa: E402, F401 -- what the start takes is measured
from estation_mcu.supervisor import Supervisor  # noqa: E402
from estation_wire import supervisor_words as words  # noqa: E402
from estation_wire.supervisor_frame import encode  # noqa: E402


class Board:
    cause = words.CAUSE_POWER

    def __init__(self):
        self.now = 0
        self.said = 0
        self.heard = encode(words.BEAT, words.say(words.BEAT, words.HEALTH_PLAYING, 0, 0))
        self.powered = []
        self.watchdog = WDT(timeout=8388)

    def ticks(self):
        return self.now

    def power(self, *, on):
        self.powered.append((self.now // 1000, on))

    def read(self):
        heard, self.heard = self.heard, b""
        return heard

    def write(self, data):
        self.said += len(data)

    def recall(self):
        return b""

    def remember(self, data):
        pass

    def passages(self):
        return 0

    def millivolts(self):
        return 5000, 5000

    def show(self, colours):
        pass

    def feed(self):
        self.watchdog.feed()


board = Board()
supervisor = Supervisor(board)
gc.collect()
print("HEAP", gc.mem_alloc() - before)
for _ in range(170):
    board.now += 500
    supervisor.turn()
print("POWER", board.powered[0], [entry for entry in board.powered if not entry[1]], board.powered[-1])
print("DONE", sys.implementation[0], board.said > 1000)
