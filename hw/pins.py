"""`hw/pins.toml` read once, and everything that can be wrong with it. Pure but for `read`.

Each fault is a sentence that names the net. `faults` reports all of them together; an empty list is a sound board.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from hw import rp2040

LIST: Final = Path(__file__).parent / "pins.toml"
MOST: Final = 60
"""Nets, supplies and plugs at most: a board with more is another board."""

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,23}$")]
Sentence = Annotated[str, Meta(min_length=5, max_length=160)]
Colour = Literal["BK", "BN", "RD", "OG", "YE", "GN", "BU", "VT", "GY", "WH", "PK", "TQ"]
Rail = Literal["GND", "3V3", "3V3_MCU", "5V_IN", "5V_PI"]
Owner = Literal["kernel", "gpiozero", "mcu"]
Contact = tuple[Annotated[str, Meta(pattern=r"^J[2-9]$")], Annotated[int, Meta(ge=1, le=20)]]

KERNEL_USES: Final[Mapping[str, tuple[int, str]]] = {
    # what the kernel may do with a pin: the only pin that can (0: any), and the word for it in gpiozero's tables
    "i2c1-sda": (2, "i2c"),
    "i2c1-scl": (3, "i2c"),
    "uart0-txd": (14, "uart"),
    "uart0-rxd": (15, "uart"),
    "led": (0, "gpio"),
}
HEADER_PLUG: Final = "J1"
HEADER_RAIL: Final[Mapping[Rail, str]] = {"GND": "GND", "3V3": "3V3", "5V_PI": "5V"}


class PiEnd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a line ends at the Pi."""

    header: Annotated[int, Meta(ge=1, le=40)]
    bcm: Annotated[int, Meta(ge=0, le=27)]
    use: Literal["i2c1-sda", "i2c1-scl", "uart0-txd", "uart0-rxd", "led", "in", "out"]


class McuEnd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a line ends at the supervisor, a Raspberry Pi Pico."""

    pin: Annotated[str, Meta(pattern=r"^(GP([0-9]|1[0-9]|2[0-8])|RUN)$")]
    use: Annotated[str, Meta(max_length=12)]

    @property
    def gp(self) -> int | None:
        """The number of the GPIO; None for RUN."""
        return int(self.pin[2:]) if self.pin.startswith("GP") else None


class Net(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the board."""

    name: Name
    what: Sentence
    owner: Owner
    pi: PiEnd | None = None
    mcu: McuEnd | None = None
    plug: Contact | None = None
    colour: Colour | None = None


class Supply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contact that carries a supply: in a plug, or at a pin of the Pi's header."""

    rail: Rail
    colour: Colour
    plug: Contact | None = None
    pi_header: Annotated[int, Meta(ge=1, le=40)] | None = None


class Plug(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plug of the carrier board, and how long its cable is."""

    name: Annotated[str, Meta(pattern=r"^J[1-9]$")]
    what: Sentence
    length_m: Annotated[float, Meta(gt=0, le=10)]


class Board(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole list."""

    net: Annotated[tuple[Net, ...], Meta(min_length=1, max_length=MOST)]
    supply: Annotated[tuple[Supply, ...], Meta(max_length=MOST)]
    plug: Annotated[tuple[Plug, ...], Meta(max_length=MOST)]


class PiPin(Struct, frozen=True, kw_only=True):
    """What somebody else's table says of a pin of the 40-pin header."""

    name: str
    uses: frozenset[str]


def read(path: Path = LIST) -> Board:
    """The list as a value. Raises `msgspec.ValidationError` and `OSError`."""
    return msgspec.toml.decode(path.read_bytes(), type=Board)


def faults(board: Board, headers: Mapping[str, Mapping[int, PiPin]]) -> list[str]:
    """All that is wrong. ``headers``: for each model of Pi its 40-pin header, from gpiozero's tables."""
    found = [*_twice(board), *_ends(board), *_plugs(board), *_slices(board)]
    for model, header in headers.items():
        found += [fault for net in board.net if net.pi for fault in _against(model, header, net.name, net.pi)]
        found += [fault for supply in board.supply for fault in _rail_against(model, header, supply)]
    return found


def _twice(board: Board) -> Iterable[str]:
    supplied = [f"pin {supply.pi_header} of the Pi's header" for supply in board.supply if supply.pi_header]
    plugged = (*(net.plug for net in board.net), *(supply.plug for supply in board.supply))
    used = Counter(
        [f"the name {net.name}" for net in board.net]
        + [f"the plug {plug.name}" for plug in board.plug]
        + [f"pin {net.pi.header} of the Pi's header" for net in board.net if net.pi]
        + [f"BCM {net.pi.bcm}" for net in board.net if net.pi]
        + [f"pin {net.mcu.pin} of the supervisor" for net in board.net if net.mcu]
        + [f"contact {at[1]} of {at[0]}" for at in plugged if at]
        + supplied
    )
    return [f"{what} is used {times} times" for what, times in used.items() if times > 1]


def _ends(board: Board) -> Iterable[str]:
    for net in board.net:
        if net.pi is None and net.mcu is None:
            yield f"{net.name} ends nowhere: give it a pin of the Pi or of the supervisor"
        if (net.owner == "mcu") is (net.pi is not None):
            yield f"{net.name} is owned by {net.owner}: a line at the Pi is the kernel's or gpiozero's, no other is"
        if net.pi and (net.owner == "kernel") is not (net.pi.use in KERNEL_USES):
            yield f"{net.name} is owned by {net.owner}, which makes no {net.pi.use} of a pin"
        if net.pi and KERNEL_USES.get(net.pi.use, (0, ""))[0] not in {0, net.pi.bcm}:
            yield f"{net.name}: BCM {net.pi.bcm} cannot be {net.pi.use}"
        if net.mcu and net.mcu.use not in rp2040.uses(net.mcu.pin):
            yield f"{net.name}: {net.mcu.pin} of the RP2040 cannot be {net.mcu.use}"
        if net.pi and net.mcu and {net.pi.use, net.mcu.use} in ({"uart0-txd", "UART0 TX"}, {"uart0-rxd", "UART0 RX"}):
            yield f"{net.name}: both ends speak, or both hear; cross the two lines"


def _plugs(board: Board) -> Iterable[str]:
    known = {plug.name for plug in board.plug} - {HEADER_PLUG}
    contacts: dict[str, list[int]] = {name: [] for name in known}
    for at in (*(net.plug for net in board.net), *(supply.plug for supply in board.supply)):
        if at and at[0] not in known:
            yield f"contact {at[1]} of {at[0]}: there is no such plug"
        elif at:
            contacts[at[0]].append(at[1])
    for name, numbers in sorted(contacts.items()):
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"{name} has contacts {sorted(numbers)}: they count from 1 without a gap"
    for net in board.net:
        if (net.plug is None and net.pi is None) is not (net.colour is None):
            yield f"{net.name}: a line that leaves the board has a wire colour, no other has"
    for supply in board.supply:
        if (supply.plug is None) is (supply.pi_header is None):
            yield f"{supply.rail} {supply.colour}: a supply is in a plug or at the Pi's header, one of the two"


def _slices(board: Board) -> Iterable[str]:
    used = Counter(net.mcu.use.split()[0] for net in board.net if net.mcu and net.mcu.use.startswith("PWM"))
    return [f"{one} carries {times} nets: a slice has one frequency" for one, times in used.items() if times > 1]


def _against(model: str, header: Mapping[int, PiPin], name: str, end: PiEnd) -> Iterable[str]:
    pin = header[end.header]
    if pin.name != f"GPIO{end.bcm}":
        yield f"{name}: pin {end.header} of the {model} is {pin.name}, not GPIO{end.bcm}"
    elif (wanted := KERNEL_USES.get(end.use, (0, "gpio"))[1]) not in pin.uses:
        yield f"{name}: gpiozero knows no {wanted} at pin {end.header} of the {model}"


def _rail_against(model: str, header: Mapping[int, PiPin], supply: Supply) -> Iterable[str]:
    if supply.pi_header is None:
        return
    wanted, name = HEADER_RAIL.get(supply.rail), header[supply.pi_header].name
    if name != wanted:
        yield f"{supply.rail}: pin {supply.pi_header} of the {model} is {name}"
