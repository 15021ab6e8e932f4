"""Our own part templates for SKiDL: which pins a part has and what they do. No KiCad library is needed.

What a pin does is what the electrical rules check: two outputs on one net, an input that nobody drives, a supply pin
without a supply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from skidl import SKIDL, TEMPLATE, Part, Pin
from skidl.pin import pin_types

from hw import rp2040
from hw.pins import Board

PASSIVE, INPUT, OUTPUT, BOTH = pin_types.PASSIVE, pin_types.INPUT, pin_types.OUTPUT, pin_types.BIDIR
SUPPLIED, SUPPLIES, DRAIN, UNUSED = pin_types.PWRIN, pin_types.PWROUT, pin_types.OPENCOLL, pin_types.NOCONNECT

_Pins = Mapping[int, tuple[str, Any]]
TWO: Final[_Pins] = {1: ("A", PASSIVE), 2: ("B", PASSIVE)}
"""Resistor, capacitor, fuse, diode (A is the anode)."""
SHAPES: Final[Mapping[str, _Pins]] = {
    "two": TWO,
    "npn": {1: ("B", PASSIVE), 2: ("E", PASSIVE), 3: ("C", PASSIVE)},
    "pnp": {1: ("B", PASSIVE), 2: ("E", PASSIVE), 3: ("C", PASSIVE)},
    "pmos": {  # SO-8: three pins of source, four of drain
        **{number: (f"S{number}", PASSIVE) for number in (1, 2, 3)},
        4: ("G", PASSIVE),
        **{number: (f"D{number}", PASSIVE) for number in (5, 6, 7, 8)},
    },
    "cell": {1: ("PLUS", SUPPLIES), 2: ("MINUS", PASSIVE)},
    "buffer": {  # 74AHCT1G125: one gate with an enable input, low is on
        1: ("OE", INPUT),
        2: ("A", INPUT),
        3: ("GND", SUPPLIED),
        4: ("Y", OUTPUT),
        5: ("VCC", SUPPLIED),
    },
    "ds3231": {  # SO-16; 5 to 12 are grounded as the data sheet asks
        1: ("32K", UNUSED),
        2: ("VCC", SUPPLIED),
        3: ("SQW", UNUSED),
        4: ("RST", UNUSED),
        **{number: (f"NC{number}", PASSIVE) for number in range(5, 13)},
        13: ("GND", SUPPLIED),
        14: ("VBAT", SUPPLIED),
        15: ("SDA", BOTH),
        16: ("SCL", INPUT),
    },
}
_AT_PI: Final = {  # what the Pi's end of a line does, by its use
    "i2c1-sda": BOTH,
    "i2c1-scl": OUTPUT,
    "uart0-txd": OUTPUT,
    "uart0-rxd": INPUT,
    "led": OUTPUT,
    "in": INPUT,
    "out": OUTPUT,
}
PICO_SUPPLY: Final[_Pins] = {
    30: ("RUN", INPUT),
    33: ("AGND", SUPPLIED),
    35: ("ADC_VREF", UNUSED),
    36: ("3V3", SUPPLIES),
    37: ("3V3_EN", UNUSED),
    39: ("VSYS", SUPPLIED),
    40: ("VBUS", UNUSED),
    **{number: (f"GND{number}", SUPPLIED) for number in (3, 8, 13, 18, 23, 28, 38)},
}


def template(name: str, pins: _Pins) -> Any:
    """A part that can be placed: called with its reference, value and circuit."""
    made = [Pin(num=str(number), name=label, func=does) for number, (label, does) in sorted(pins.items())]
    return Part(name=name, tool=SKIDL, dest=TEMPLATE, pins=made)


def header(board: Board) -> _Pins:
    """The Pi's header: the lines of the list, its supplies, and nothing at all other pins."""
    rails = {supply.pi_header: supply.rail for supply in board.supply if supply.pi_header}
    lines = {net.pi.header: (f"GPIO{net.pi.bcm}", _AT_PI[net.pi.use]) for net in board.net if net.pi}
    supplies = {at: (f"{rail}_{at}", SUPPLIES if rail == "3V3" else SUPPLIED) for at, rail in rails.items()}
    return {number: (f"P{number}", UNUSED) for number in range(1, 41)} | supplies | lines


def pico(board: Board) -> _Pins:
    """The supervisor's module: the lines of the list, and nothing at all other GPIOs."""
    used = {rp2040.edge(net.mcu.pin): (net.mcu.pin, _mcu(net.mcu.use)) for net in board.net if net.mcu}
    free = {edge: (f"GP{gp}", UNUSED) for gp, edge in rp2040.HEADER.items()}
    return free | dict(PICO_SUPPLY) | used


def _mcu(use: str) -> Any:
    speaks = use in {"out", "PIO0", "PIO1"} or use.startswith("PWM") or use.endswith(" TX")
    return OUTPUT if speaks else INPUT


def plug(board: Board, name: str) -> _Pins:
    """A plug: what is at the other end of its cable neither drives nor needs anything that the rules could check."""
    at = [net.plug[1] for net in board.net if net.plug and net.plug[0] == name]
    at += [supply.plug[1] for supply in board.supply if supply.plug and supply.plug[0] == name]
    return {number: (f"C{number}", PASSIVE) for number in at}
