"""The wiring harness as WireViz reads it: every plug of the carrier board, its cable, and what is at the other end.

The text is YAML of our own layout, one line a fact, so that a change of a pin is a change of one line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from hw.pins import HEADER_PLUG, Board

FAR_ENDS: Final[Mapping[str, tuple[str, str]]] = {
    # what is at the other end of a plug's cable: its short name in the drawing, and how it is connected
    "J1": ("PI", "Raspberry Pi, 40-pin header"),
    "J2": ("BUTTON", "push button with light, in the front"),
    "J3": ("RELAY", "relay module with opto-coupler, closed case"),
    "J4": ("IR", "infrared LED 940 nm and receiver, in view of the TV"),
    "J5": ("BEAM", "reflex light barrier, NPN output"),
    "J6": ("NEO", "two WS2812B, in the front"),
    "J7": ("SUPPLY", "supply 5 V, 5 A"),
}
GAUGE_MM2: Final[Mapping[str, float]] = {"J1": 0.5, "J7": 1.0}
"""The cables that carry the Pi's current; all others carry signals."""
SIGNAL_MM2: Final = 0.25


class Wire(NamedTuple):
    """One wire of a cable: its contact (the same at both ends), its names at board and far end, its colour."""

    contact: int
    label: str
    colour: str
    far_label: str


def wires(board: Board, plug: str) -> list[Wire]:
    """The wires of one plug's cable, by contact."""
    if plug == HEADER_PLUG:
        rows = [Wire(net.pi.header, net.name, net.colour or "", f"GPIO{net.pi.bcm}") for net in board.net if net.pi] + [
            Wire(supply.pi_header, supply.rail, supply.colour, supply.rail)
            for supply in board.supply
            if supply.pi_header
        ]
    else:
        rows = [
            Wire(net.plug[1], net.name, net.colour or "", net.name)
            for net in board.net
            if net.plug and net.plug[0] == plug
        ] + [
            Wire(supply.plug[1], supply.rail, supply.colour, supply.rail)
            for supply in board.supply
            if supply.plug and supply.plug[0] == plug
        ]
    return sorted(rows)


def harness(board: Board) -> str:
    """The whole harness for WireViz 0.4."""
    connectors, cables, connections = ["connectors:"], ["cables:"], ["connections:"]
    for plug in board.plug:
        rows, (far, kind) = wires(board, plug.name), FAR_ENDS[plug.name]
        connectors += _connector(plug.name, plug.what, "carrier board", [(row.contact, row.label) for row in rows])
        connectors += _connector(far, kind, "", [(row.contact, row.far_label) for row in rows])
        cables += [
            f"  W{plug.name[1:]}:",
            f"    wirecount: {len(rows)}",
            f"    length: {plug.length_m}",
            f"    gauge: {GAUGE_MM2.get(plug.name, SIGNAL_MM2)} mm2",
            f"    colors: {_list(row.colour for row in rows)}",
            f"    wirelabels: {_list(row.label for row in rows)}",
        ]
        connections += [
            "  -",
            f"    - {plug.name}: {[row.contact for row in rows]}",
            f"    - W{plug.name[1:]}: [1-{len(rows)}]",
            f"    - {far}: {[row.contact for row in rows]}",
        ]
    head = ["# The wiring, for WireViz: made from hw/pins.toml by `make hw`; do not edit."]
    return "\n".join([*head, *connectors, *cables, *connections]) + "\n"


def seal(harness: str) -> str:
    """The line that a drawing of this harness ends with: pictures differ from Graphviz to Graphviz, this does not."""
    return f"<!-- drawn from wiring.yml {hashlib.sha256(harness.encode()).hexdigest()[:16]} -->\n"


def _connector(name: str, what: str, at: str, pins: list[tuple[int, str]]) -> list[str]:
    return [
        f"  {name}:",
        f"    type: {json.dumps(what)}",
        *([f"    subtype: {json.dumps(at)}"] if at else []),
        f"    pins: {[number for number, _ in pins]}",
        f"    pinlabels: {_list(label for _, label in pins)}",
    ]


def _list(words: Iterable[str]) -> str:
    return json.dumps(list(words))  # a JSON list is a YAML list
