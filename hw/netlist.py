"""`python -m hw.netlist`: the carrier board as a circuit in SKiDL, its electrical rules, and its netlist.

Run with the tools of ``scripts/hw-tools``, in a folder where SKiDL may leave its logs. SKiDL ends with 0 whatever it
finds: here every error and every warning of its rules is a fault.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from skidl import POWER, Circuit, Net
from skidl.logger import erc_logger

from hw import parts, pins, rp2040, shapes
from hw.pins import Board

LIST: Final = Path(__file__).parent / "netlist.txt"


DRIVEN: Final = frozenset({"GND", "5V_IN", "5V_PI", "VSYS"})
"""Supplies that come through a fuse, a diode or the switch, which the rules take for no source."""


class Carrier:
    """The circuit while it is built: parts by reference, nets by name."""

    def __init__(self, board: Board) -> None:
        self.circuit = Circuit(name="carrier")
        self._board = board
        self._nets: dict[str, Any] = {}
        self._values = {ref: part.value for part in parts.read().part for ref in part.refs}
        self._templates = {name: shapes.template(name, made) for name, made in shapes.SHAPES.items()}
        self._templates |= {"J1": shapes.template("header", shapes.header(board))}
        self._templates |= {"U1": shapes.template("pico", shapes.pico(board))}
        for plug in board.plug:
            if plug.name != pins.HEADER_PLUG:
                self._templates[plug.name] = shapes.template("plug", shapes.plug(board, plug.name))

    def net(self, name: str) -> Any:
        """The net of that name; the supplies are driven."""
        if name not in self._nets:
            self._nets[name] = Net(name, circuit=self.circuit)
            if name in DRIVEN:
                self._nets[name].drive = POWER
        return self._nets[name]

    def place(self, ref: str, shape: str, **ends: str) -> Any:
        """A part, with its pins on nets: ``A="GND"``. Its value is that of the list of parts; raises `KeyError`."""
        part = self._templates[shape](ref=ref, tag=ref, value=self._values[ref], circuit=self.circuit)
        for pin, name in ends.items():
            self.net(name).connect(part[pin])
        return part

    def two(self, ref: str, a: str, b: str) -> None:
        """A part with two ends."""
        self.place(ref, "two", A=a, B=b)

    def joined(self, part: Any, number: int, name: str) -> None:
        """One more pin of a part on a net, by number."""
        self.net(name).connect(part[str(number)])

    def close(self) -> None:
        """What is meant to be left open is said so."""
        for part in self.circuit.parts:
            for pin in part.pins:
                if pin.func == shapes.UNUSED and not pin.is_connected():
                    self.circuit.NC.connect(pin)


def sockets(made: Carrier, board: Board) -> None:
    """The Pi's header, the Pico and the plugs: their supplies, and each line under the name that the board gives it."""
    header, pico = made.place("J1", "J1"), made.place("U1", "U1", VSYS="VSYS", **{"3V3": "3V3_MCU"}, AGND="GND")
    for number in (3, 8, 13, 18, 23, 28, 38):
        made.joined(pico, number, "GND")
    plugs = {plug.name: made.place(plug.name, plug.name) for plug in board.plug if plug.name != pins.HEADER_PLUG}
    for supply in board.supply:
        if supply.pi_header:
            made.joined(header, supply.pi_header, supply.rail)
        if supply.plug:
            before_fuse = supply.plug[0] == "J7" and supply.rail != "GND"
            made.joined(plugs[supply.plug[0]], supply.plug[1], "SUPPLY" if before_fuse else supply.rail)
    for net in board.net:
        end = "{}.{}" if net.name in SPLIT else "{}"
        if net.pi:
            made.joined(header, net.pi.header, end.format(net.name, "pi"))
        if net.mcu:
            made.joined(pico, rp2040.edge(net.mcu.pin), end.format(net.name, "mcu"))
        if net.plug:
            made.joined(plugs[net.plug[0]], net.plug[1], end.format(net.name, "plug"))


SPLIT: Final = frozenset(
    {"uart_to_mcu", "uart_to_pi", "mcu_reset", "button", "light", "relay", "ir_send", "ir_receive", "beam", "neopixel"}
)
"""Lines with a part between their ends."""


def supply(made: Carrier) -> None:
    """5 V from the plug: fuse, surge, store; and the Pico behind a diode, so that its USB never feeds the box."""
    made.two("F1", "SUPPLY", "5V_IN")
    made.two("D1", "GND", "5V_IN")
    made.two("C1", "5V_IN", "GND")
    made.two("D2", "5V_IN", "VSYS")
    made.two("C2", "VSYS", "GND")


def power_switch(made: Carrier) -> None:
    """Q1 is on while its gate is low, and R1 holds it low. Only a driven ``power_cut`` (Q2, Q3) lifts it: fails on.

    C11 lets it close over 10 ms, so that the Pi's capacitors do not pull the supervisor's supply down.
    """
    switch = made.place("Q1", "pmos", G="gate")
    for number in range(1, 9):
        if number != 4:
            made.joined(switch, number, "5V_IN" if number < 4 else "5V_PI")
    made.two("R1", "gate", "GND")
    made.two("C11", "gate", "5V_IN")
    made.place("Q3", "pnp", E="5V_IN", C="gate", B="cut.b3")
    made.two("R2", "5V_IN", "cut.b3")
    made.two("R3", "cut.b3", "cut.c2")
    made.place("Q2", "npn", C="cut.c2", E="GND", B="cut.b2")
    made.two("R4", "power_cut", "cut.b2")
    made.two("R5", "power_cut", "GND")
    made.two("C3", "5V_PI", "GND")
    for upper, lower, filter_, rail, sense in (
        ("R6", "R7", "C4", "5V_IN", "supply_sense"),
        ("R8", "R9", "C5", "5V_PI", "pi_sense"),
    ):
        made.two(upper, rail, sense)
        made.two(lower, sense, "GND")
        made.two(filter_, sense, "GND")


def clock(made: Carrier) -> None:
    """The DS3231 at the Pi's bus; the Pi has the pull-ups (1.8 kΩ) on its own board."""
    chip = made.place("U2", "ds3231", VCC="3V3", GND="GND", VBAT="cell", SDA="rtc_sda", SCL="rtc_scl")
    for number in range(5, 13):
        made.joined(chip, number, "GND")
    made.place("BT1", "cell", PLUS="cell", MINUS="GND")
    made.two("C6", "3V3", "GND")


def front(made: Carrier) -> None:
    """Serial line, reset, button, lights, relay.

    The Pi's reset goes through Q5: an unpowered Pi would draw the line low, and hold the supervisor that has cut it.
    1 kΩ in the serial line bounds what flows into the side that is without power.
    """
    made.two("R10", "uart_to_mcu.pi", "uart_to_mcu.mcu")
    made.two("R11", "uart_to_pi.mcu", "uart_to_pi.pi")
    made.two("R12", "mcu_reset.pi", "reset.b")
    made.two("R24", "reset.b", "GND")
    made.place("Q5", "npn", B="reset.b", E="GND", C="mcu_reset.mcu")
    made.two("R13", "button.plug", "button.pi")
    made.two("C7", "button.pi", "GND")
    made.two("R14", "light.pi", "light.plug")
    made.two("R15", "kernel_light", "kernel_light.led")
    made.two("D3", "kernel_light.led", "GND")
    made.two("R16", "relay.pi", "relay.plug")
    made.two("R17", "relay.plug", "GND")


def senses(made: Carrier) -> None:
    """Infrared both ways, the light barrier, and the supervisor's own lights."""
    made.two("R18", "ir_send.mcu", "ir_send.b")
    made.two("R19", "ir_send.mcu", "GND")
    made.place("Q4", "npn", B="ir_send.b", E="GND", C="ir_send.c")
    made.two("R20", "ir_send.c", "ir_send.plug")
    made.two("R21", "ir_receive.plug", "ir_receive.mcu")
    made.two("C8", "3V3_MCU", "GND")
    made.two("R22", "3V3_MCU", "beam.mcu")
    made.two("D4", "beam.mcu", "beam.plug")  # a sensor that pulls its own output up to 5 V does not reach the Pico
    made.two("C9", "beam.mcu", "GND")
    made.place("U3", "buffer", OE="GND", A="neopixel.mcu", Y="neopixel.y", GND="GND", VCC="5V_IN")
    made.two("R23", "neopixel.y", "neopixel.plug")
    made.two("C10", "5V_IN", "GND")


BLOCKS: Final[tuple[Callable[[Carrier], None], ...]] = (supply, power_switch, clock, front, senses)


def carrier(board: Board) -> Circuit:
    """The whole board."""
    made = Carrier(board)
    sockets(made, board)
    for block in BLOCKS:
        block(made)
    made.close()
    return made.circuit


def complaints(circuit: Circuit) -> int:
    """How many errors and warnings SKiDL's electrical rules have; it has printed them."""
    circuit.ERC()
    return int(erc_logger.error.count + erc_logger.warning.count)


def listing(circuit: Circuit) -> str:
    """The netlist for people and for comparing: a net a line, sorted, with the pins that are on it."""
    rows = []
    for net in circuit.get_nets():
        on = sorted((f"{pin.part.ref}.{pin.num}" for pin in net.pins), key=_natural)
        if on and net.name != "__NOCONNECT":
            rows.append(f"{net.name}: {' '.join(on)}")
    return "# The netlist of the carrier board: made by `make hw`; do not edit.\n" + "\n".join(sorted(rows)) + "\n"


def _natural(word: str) -> tuple[str, int, int]:
    ref, _, pin = word.partition(".")
    letters = ref.rstrip("0123456789")
    return letters, int(ref[len(letters) :]), int(pin)


def main(arguments: list[str]) -> int:
    """Write ``netlist.txt``; ``--check`` only compares. 0 without a fault."""
    circuit = carrier(pins.read())
    wrong = complaints(circuit)
    text = listing(circuit)
    if wrong:
        print(f"{wrong} faults against the electrical rules", file=sys.stderr)
        return 1
    if "--check" in arguments:
        if not LIST.exists() or LIST.read_text(encoding="utf-8") != text:
            print("hw/netlist.txt is stale: run `make hw`", file=sys.stderr)
            return 1
        return 0
    LIST.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
