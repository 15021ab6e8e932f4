"""What the Pico runs when it gets power (frozen as `main`). Its end, for whatever reason, leaves the box with power."""

from time import sleep_ms

from estation_mcu.board import Board
from estation_mcu.supervisor import Supervisor

TURN_MS = 5


def run() -> None:
    """Turn for ever. After a fault nobody feeds the watchdog, and the Pico starts again within 8.4 s."""
    board = Board()
    try:
        supervisor = Supervisor(board)
        while True:
            supervisor.turn()
            sleep_ms(TURN_MS)
    finally:
        board.power(on=True)


run()
