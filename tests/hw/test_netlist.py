"""The carrier board as a circuit: SKiDL's electrical rules over it, and what the netlist says about its promises."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from PIL import Image

from hw import parts, pins, rp2040, wiring
from tests.hw import judging

ROOT = Path(__file__).resolve().parents[2]
BOARD = pins.read()
pytestmark = pytest.mark.timeout(500)  # the first time the workbench is installed


@pytest.fixture(scope="module", autouse=True)
def workbench() -> None:
    judging.tools()


def ruled(folder: Path, *arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The electrical rules over the board as it stands in ``root``."""
    return subprocess.run(
        [judging.TOOLS / "python", "-m", "hw.netlist", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_circuit_breaks_no_electrical_rule(tmp_path):
    """No output fights another, no input hangs in the air, every chip has its supply; and the netlist is fresh."""
    done = ruled(tmp_path, "--check")
    assert done.returncode == 0, done.stderr
    assert "No errors or warnings found while running ERC" in done.stderr


PLANTED = {
    "two outputs on one line": (
        'made.two("R10", "uart_to_mcu.pi", "uart_to_mcu.mcu")',
        'made.net("uart_to_mcu.pi").connect(made.net("relay.pi"))',
        "OUTPUT connected to OUTPUT",
    ),
    "a chip without a supply": (', VCC="5V_IN")', ")", "Unconnected pin: POWER-IN pin 5/VCC"),
    "an input in the air": ('OE="GND", A="neopixel.mcu"', 'OE="GND"', "Unconnected pin: INPUT pin 2/A"),
    "a supply that nobody gives": ('"5V_IN", "5V_PI", "VSYS"', '"5V_IN", "5V_PI"', "Insufficient drive"),
    "a part that is not in the list": ('made.two("R5",', 'made.two("R95",', "KeyError: 'R95'"),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_mistake_fails_the_run(planted, tmp_path):
    """A board that would not work is refused, although SKiDL itself would end with 0."""
    before, after, said = planted
    shutil.copytree(ROOT / "hw", tmp_path / "hw", ignore=shutil.ignore_patterns("__pycache__"))
    source = tmp_path / "hw/netlist.py"
    text = source.read_text()
    assert before in text
    source.write_text(text.replace(before, after, 1))
    done = ruled(tmp_path, root=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr


def nets(text: str = (ROOT / "hw/netlist.txt").read_text()) -> dict[str, set[str]]:
    """The netlist: what is on each net."""
    lines = [line.partition(": ") for line in text.splitlines() if not line.startswith("#")]
    return {name: set(on.split()) for name, _, on in lines}


NETS = nets()
NET_OF = {pin: name for name, on in NETS.items() for pin in on}


def through(net: str, *kinds: str) -> set[str]:
    """The nets that are joined to this one by parts of these kinds with two ends, supplies left aside."""
    reached, todo = set(), [net]
    while todo:
        at = todo.pop()
        if at not in reached and at not in {"GND", "5V_IN", "5V_PI", "3V3", "3V3_MCU"}:
            reached.add(at)
            for ref, _, end in (pin.partition(".") for pin in NETS[at] if pin.startswith(kinds)):
                todo.append(NET_OF[f"{ref}.{2 if end == '1' else 1}"])
    return reached


def test_every_line_goes_where_the_list_says():
    """The header, the Pico and the plug of each line hang together, and lines do not touch each other."""
    claimed: defaultdict[str, set[str]] = defaultdict(set)
    for net in BOARD.net:
        ends = [f"J1.{net.pi.header}"] if net.pi else []
        ends += [f"U1.{rp2040.edge(net.mcu.pin)}"] if net.mcu else []
        ends += [f"{net.plug[0]}.{net.plug[1]}"] if net.plug else []
        for end in ends:
            claimed[net.name] |= through(NET_OF[end], "R", "D4")
        if net.name not in {"mcu_reset", "ir_send", "neopixel"}:  # a transistor or a buffer stands between
            assert {NET_OF[end] for end in ends} <= through(NET_OF[ends[0]], "R", "D4"), net.name
    names = list(claimed)
    for one, other in ((one, other) for one in names for other in names if one < other):
        assert not claimed[one] & claimed[other], (one, other)


def test_supplies_are_where_the_list_says():
    """No plug gets the Pi's supply that shall have the supervisor's, and the other way round."""
    for supply in BOARD.supply:
        pin = f"J1.{supply.pi_header}" if supply.pi_header else ".".join(map(str, supply.plug or ()))
        wanted = "SUPPLY" if pin == "J7.1" else supply.rail
        assert NET_OF[pin] == wanted


def drawn_low(net: str) -> bool:
    return any(NET_OF[f"{pin.partition('.')[0]}.{3 - int(pin[-1])}"] == "GND" for pin in NETS[net] if pin[0] == "R")


def test_a_dead_supervisor_leaves_the_power_on():
    """Nobody drives the line: the gate of the switch is drawn low, so it is on; only a driven line lifts it."""
    gate = NET_OF["Q1.4"]
    assert {NET_OF[f"Q1.{pin}"] for pin in (1, 2, 3)} == {"5V_IN"}
    assert {NET_OF[f"Q1.{pin}"] for pin in (5, 6, 7, 8)} == {"5V_PI"}
    assert drawn_low(gate)
    assert NET_OF["Q3.3"] == gate
    assert NET_OF["Q3.2"] == "5V_IN"
    assert NET_OF["Q2.2"] == "GND"
    assert drawn_low("power_cut")
    assert NET_OF["U1.39"] == "VSYS"
    assert NET_OF["D2.1"] == "5V_IN"  # the supervisor lives before the switch that it works


def test_an_unpowered_pi_neither_holds_the_supervisor_nor_switches_the_tv():
    """The Pi's reset goes through a transistor that is off by itself; the relay's line is drawn low."""
    assert NET_OF["Q5.3"] == NET_OF["U1.30"]
    assert NET_OF["Q5.2"] == "GND"
    assert drawn_low(NET_OF["Q5.1"])
    assert drawn_low(NET_OF["J3.3"])
    assert drawn_low(NET_OF["U1.9"])  # and the infrared LED stays dark


def test_the_clock_runs_on_its_cell_and_hangs_at_the_pi_alone():
    """The DS3231 keeps time without the box; the supervisor is not on its bus."""
    assert NETS["cell"] == {"BT1.1", "U2.14"}
    assert NETS["rtc_sda"] == {"J1.3", "U2.15"}
    assert NETS["rtc_scl"] == {"J1.5", "U2.16"}


def test_every_part_of_the_board_is_in_the_bill_and_none_else():
    """What is bought is what is placed."""
    placed = {pin.partition(".")[0] for pin in NET_OF}
    assert placed == {ref for kind in parts.read().part if kind.where == "board" for ref in kind.refs}


def told_apart(picture: Path) -> bool:
    """Whether each colour of the drawing's wires is still that colour in the picture, to the eye."""
    drawn = {
        tuple(bytes.fromhex(code))
        for code in re.findall(r'stroke="#([0-9a-f]{6})"', picture.with_suffix(".svg").read_text())
    }
    with Image.open(picture) as opened:
        seen = [colour for _, colour in opened.convert("RGB").getcolors(1 << 24) or ()]
    return all(min(max(abs(a - b) for a, b in zip(wire, one, strict=True)) for one in seen) < 32 for wire in drawn)


def test_the_drawing_shows_every_wire(tmp_path):
    """WireViz draws the harness anew; the drawing that is kept names every line, and is large enough to read."""
    shutil.copytree(ROOT / "hw", tmp_path / "hw", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("wiring.svg", "wiring.png"):
        (tmp_path / "hw" / name).unlink()
    subprocess.run([judging.TOOLS / "python", "-m", "hw.drawing"], cwd=tmp_path, check=True, timeout=60)
    for folder in (ROOT, tmp_path):
        drawn = (folder / "hw/wiring.svg").read_text()
        assert drawn.endswith(wiring.seal((ROOT / "hw/wiring.yml").read_text()))
        for plug in BOARD.plug:
            for row in wiring.wires(BOARD, plug.name):
                assert f"{plug.name}:{row.contact}:{row.label}" in drawn
                assert f"{row.colour}:{row.label}" in drawn
        picture = (folder / "hw/wiring.png").read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert int.from_bytes(picture[16:20]) > 1500  # pixels across
        assert len(picture) < 300_000
        assert told_apart(folder / "hw/wiring.png")
