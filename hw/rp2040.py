"""What each pin of a Raspberry Pi Pico can be: the RP2040 datasheet's table of GPIO functions, as its own regularities.

Section 1.4.3 of the datasheet lists nine functions per GPIO; UART, I2C and PWM repeat in steps that are written out
here once. Pins 23 to 25 and 29 serve the Pico's own board and are on no header.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HEADER: Final[Mapping[int, int]] = {
    # GPIO: pin of the Pico's edge; every fifth pin but one is ground
    **dict(zip(range(16), (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17, 19, 20), strict=True)),
    **dict(zip(range(16, 23), (21, 22, 24, 25, 26, 27, 29), strict=True)),
    26: 31,
    27: 32,
    28: 34,
}
RUN_PIN: Final = 30
_UART_SIGNAL: Final = ("TX", "RX", "CTS", "RTS")


def uses(pin: str) -> frozenset[str]:
    """The functions of ``pin`` ("GP0" to "GP28", "RUN"); ``in`` and ``out`` by software; empty off the header."""
    if pin == "RUN":
        return frozenset({"reset"})
    gp = int(pin.removeprefix("GP"))
    if gp not in HEADER:
        return frozenset()
    fixed = {
        f"UART{(gp + 4) // 8 % 2} {_UART_SIGNAL[gp % 4]}",
        f"I2C{gp // 2 % 2} {'SCL' if gp % 2 else 'SDA'}",
        f"PWM{gp // 2 % 8} {'B' if gp % 2 else 'A'}",
        "PIO0",
        "PIO1",
        "in",
        "out",
    }
    return frozenset(fixed | ({f"ADC{gp - 26}"} if gp >= 26 else set()))


def edge(pin: str) -> int:
    """The number that is printed at the Pico's edge for ``pin``; raises `KeyError` where it has none."""
    return RUN_PIN if pin == "RUN" else HEADER[int(pin.removeprefix("GP"))]
