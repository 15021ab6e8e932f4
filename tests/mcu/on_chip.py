"""`board.py` and the supervisor over a chip that behaves, on MicroPython's unix port: `on_chip.py TTY [CAUSE]`.

Driven as `on_unix.py` is with `stepped`: a line of two numbers is a number of turns, 50 ms apart, and the bytes that
the line has carried; `door` is somebody who passes; `chip` asks for the carrier, the edges of the LED and the lights.
"""

import sys
import time as clock

from machine import WDT_RESET, chip
from on_unix import Steps, opened

steps = chip.line = Steps(opened(sys.argv[1]))
if sys.argv[2:]:
    chip.cause = WDT_RESET if sys.argv[2] == "watchdog" else sys.argv[2]

from estation_mcu import pins  # noqa: E402 -- the chip must be wired before it starts
from estation_mcu.board import Board  # noqa: E402
from estation_mcu.supervisor import Supervisor  # noqa: E402

chip.wires[pins.IR_SEND] = pins.IR_RECEIVE
board = Board()
supervisor = Supervisor(board)


def turn():
    """50 ms go by; what the line has brought is heard where the port is open."""
    clock.pass_on(50_000)
    data = steps.read()
    if chip.port:
        chip.port.hear(data)
    supervisor.turn()


def told():
    return "POWER", 1 - chip.levels[pins.POWER_CUT], clock.ticks_ms(), chip.modes.get(pins.UART_TO_PI, -1)


print("READY")
last = None
for order in sys.stdin:
    words = order.split()
    if words == ["door"]:
        for level in (0, 1, 0, 1):  # an arm, and the sleeve after it
            chip.drive(pins.BEAM, level)
    elif words == ["chip"]:
        print("CHIP", chip.carrier, len(chip.shone), sum(chip.pixels.get(pins.NEOPIXEL, b"")))
    else:
        steps.expect(int(words[1]))
        for _ in range(int(words[0])):
            turn()
            now = told()
            if now[1] != last:
                last = now[1]
                print(*now, *board.millivolts())
        print("TURNED", steps.put)
