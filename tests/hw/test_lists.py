"""The lists of pins, parts and power: what is wrong with one is said, and what is made from them is fresh."""

from __future__ import annotations

import ast
import csv
import io
import re
import shutil
from pathlib import Path

import msgspec
import pytest

from estation_box.drivers import pins as held
from hw import boards, generate, infrared, parts, pins, power, rp2040, wiring

ROOT = Path(__file__).resolve().parents[2]
HEADERS = boards.headers()
TEXT = pins.LIST.read_text()


def faults(text: str, folder: Path) -> list[str]:
    """What is wrong with a list of pins."""
    changed = folder / "pins.toml"
    changed.write_text(text)
    try:
        return pins.faults(pins.read(changed), HEADERS)
    except msgspec.ValidationError as error:
        return [str(error)]


def test_the_list_of_pins_is_sound(tmp_path):
    """No pin is used twice, every pin can do what it shall, and every line has one owner."""
    assert faults(TEXT, tmp_path) == []


PLANTED = {
    "a pin of the Pi used twice": ("header = 13, bcm = 27", "header = 11, bcm = 17", "BCM 17 is used 2 times"),
    "a pin of the supervisor used twice": ('"GP9"', '"GP8"', "pin GP8 of the supervisor is used 2 times"),
    "a name used twice": ('"light"', '"button"', "the name button is used 2 times"),
    "a contact used twice": ('["J2", 3]', '["J2", 2]', "contact 2 of J2 is used 2 times"),
    "a supply on a line's pin": ("pi_header = 4", "pi_header = 5", "pin 5 of the Pi's header is used 2 times"),
    "a number that is at another pin": ("header = 11, bcm = 17", "header = 12, bcm = 17", "is GPIO18, not GPIO17"),
    "a number that is ground": ("header = 11, bcm = 17", "header = 14, bcm = 17", "is GND, not GPIO17"),
    "a supply from ground": ("pi_header = 2", "pi_header = 39", "5V_PI: pin 39 of the 3B is GND"),
    "a bus at pins that have none": (
        'header = 3, bcm = 2, use = "i2c1-sda"',
        'header = 29, bcm = 5, use = "i2c1-sda"',
        "BCM 5 cannot be i2c1-sda",
    ),
    "a serial port at the wrong pin": ('"GP1", use = "UART0 RX"', '"GP5", use = "UART0 RX"', "GP5 of the RP2040"),
    "two ends that both speak": (
        '"GP1", use = "UART0 RX"',
        '"GP12", use = "UART0 TX"',
        "both ends speak, or both hear",
    ),
    "a pin of the Pico that is on no edge": ('"GP8"', '"GP25"', "GP25 of the RP2040 cannot be in"),
    "an analogue sense at a digital pin": ('"GP27"', '"GP22"', "GP22 of the RP2040 cannot be ADC1"),
    "two frequencies in one slice": ('"GP9", use = "PIO0"', '"GP22", use = "PWM3 A"', "PWM3 carries 2 nets"),
    "a line at the Pi that is nobody's there": (
        'owner = "gpiozero"\npi = { header = 11',
        'owner = "mcu"\npi = { header = 11',
        "button is owned by mcu",
    ),
    "a kernel's line in gpiozero's hand": (
        'owner = "kernel"\npi = { header = 16',
        'owner = "gpiozero"\npi = { header = 16',
        "owned by gpiozero, which makes no led",
    ),
    "a second owner": ('owner = "mcu"', 'owner = ["mcu", "kernel"]', "Expected `str`"),
    "a colour that IEC 60757 does not know": ('colour = "VT"', 'colour = "PU"', "Invalid enum value 'PU'"),
    "a line that ends nowhere": ('mcu = { pin = "GP2", use = "out" }', "", "power_cut ends nowhere"),
    "a gap in a plug": ('plug = ["J4", 4]', 'plug = ["J4", 6]', "they count from 1 without a gap"),
    "a plug that is not there": ('plug = ["J6", 3]', 'plug = ["J9", 3]', "there is no such plug"),
    "a supply in a plug and at the Pi": ('plug = ["J7", 1]', 'pi_header = 17\nplug = ["J7", 1]', "one of the two"),
    "a word that nobody knows": ("pi_header = 9", "pi_pin = 9", "unknown field `pi_pin`"),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_a_mistake_in_the_list_is_said(planted, tmp_path):
    """Each mistake that somebody could make is named, with the net where it stands."""
    before, after, said = planted
    assert before in TEXT
    assert any(said in fault for fault in faults(TEXT.replace(before, after, 1), tmp_path))


def test_a_wire_without_a_colour_is_said(tmp_path):
    """Who builds the cable must know each wire."""
    text = re.sub(r'(name = "beam".*?)colour = "GN"\n', r"\1", TEXT, flags=re.DOTALL)
    assert faults(text, tmp_path) == ["beam: a line that leaves the board has a wire colour, no other has"]


@pytest.mark.parametrize(
    ("pin", "can", "cannot"),
    [  # rows of the function table in the RP2040's data sheet, section 1.4.3, and of the Pico's edge
        ("GP0", {"UART0 TX", "I2C0 SDA", "PWM0 A"}, {"UART1 TX", "ADC0"}),
        ("GP5", {"UART1 RX", "I2C0 SCL", "PWM2 B"}, {"UART0 RX"}),
        ("GP8", {"UART1 TX", "I2C0 SDA", "PWM4 A"}, {"UART0 TX"}),
        ("GP14", {"UART0 CTS", "I2C1 SDA", "PWM7 A"}, {"UART1 CTS"}),
        ("GP17", {"UART0 RX", "I2C0 SCL", "PWM0 B"}, {"PWM8 B"}),
        ("GP20", {"UART1 TX", "I2C0 SDA", "PWM2 A"}, {"UART0 TX"}),
        ("GP27", {"UART1 RTS", "I2C1 SCL", "PWM5 B", "ADC1"}, {"ADC2"}),
        ("GP28", {"UART0 TX", "I2C0 SDA", "PWM6 A", "ADC2"}, {"UART1 TX"}),
        ("GP24", set(), {"in", "out"}),
        ("RUN", {"reset"}, {"in", "out"}),
    ],
)
def test_the_pico_can_what_its_data_sheet_says(pin, can, cannot):
    """The table of functions agrees with rows that were read from the data sheet."""
    assert can <= rp2040.uses(pin)
    assert not cannot & rp2040.uses(pin)


def test_every_pin_at_the_picos_edge_is_another():
    """The numbers that are printed at the edge, beside ground and supply."""
    assert len(set(rp2040.HEADER.values())) == len(rp2040.HEADER) == 26
    assert not {3, 8, 13, 18, 23, 28, 30, 33, *range(35, 41)} & set(rp2040.HEADER.values())
    assert [rp2040.edge(pin) for pin in ("GP0", "GP15", "GP16", "GP22", "GP26", "RUN")] == [1, 20, 21, 29, 31, 30]


def test_what_is_made_from_the_lists_is_fresh():
    """Whoever reads a table or a constant reads what the list says."""
    assert generate.main(["--check"]) == 0


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files of the board, for changing."""
    made, _ = generate.judged(ROOT)
    for path in (*made, *((ROOT / "hw").glob("*.toml")), ROOT / "hw/wiring.svg"):
        there = tmp_path / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, there)
    return tmp_path


def test_a_change_of_the_list_makes_every_file_stale(copy, capsys):
    """A pin that was moved is moved everywhere, or the check says where not."""
    moved = TEXT.replace("header = 11, bcm = 17", "header = 12, bcm = 18").replace('"GP9"', '"GP10"')
    moved = moved.replace("header = 16, bcm = 23", "header = 22, bcm = 25")
    (copy / "hw/pins.toml").write_text(moved)
    assert generate.main(["--check"], copy) == 1
    said = capsys.readouterr().err
    for name in ("estation_mcu/pins.py", "drivers/pins.py", "carrier-pins.h", "README.md", "wiring.yml", "wiring.svg"):
        assert name in said
    assert generate.main([], copy) == 0
    assert "wiring.svg" not in capsys.readouterr().out  # the drawing needs WireViz
    assert generate.main(["--check"], copy) == 1
    assert capsys.readouterr().err == "hw/wiring.svg is stale: run `make hw`\n"


def test_a_list_with_a_fault_makes_nothing(copy, capsys):
    """From a wrong list no constant is made."""
    (copy / "hw/pins.toml").write_text(TEXT.replace('"GP9"', '"GP8"'))
    before = (copy / "firmware/estation_mcu/pins.py").read_text()
    assert generate.main([], copy) == 1
    assert "GP8" in capsys.readouterr().err
    assert (copy / "firmware/estation_mcu/pins.py").read_text() == before


@pytest.mark.parametrize(
    "planted",
    [
        ("hw/pins.toml", "[[net]]", "[[net", "hw: "),
        ("hw/power.toml", "supply_ma = 5000", "supply_ma = 4000", "Pi 5: 20% of the supply stay free"),
        ("hw/infrared.toml", "command = 0x08", "command = 0x09", "LG, power, toggle"),
        ("hw/parts.toml", 'refs = ["U2"]', 'refs = ["U1"]', "parts.toml has U1 more than once"),
        ("hw/README.md", "<!-- power -->", "", "hw/README.md has no place for the table"),
    ],
)
def test_every_list_is_judged_before_anything_is_made(planted, copy, capsys):
    """A fault in any list, or a page without a place for its table, ends the run with a sentence."""
    name, before, after, said = planted
    text = (copy / name).read_text()
    assert before in text
    (copy / name).write_text(text.replace(before, after, 1))
    assert generate.main(["--check"], copy) == 1
    assert said in capsys.readouterr().err


def test_the_supervisors_constants_are_plain():
    """MicroPython reads them: names and numbers, nothing to import."""
    module = ast.parse((ROOT / "firmware/estation_mcu/pins.py").read_text())
    assert isinstance(module.body[0], ast.Expr)
    assert {type(node) for node in module.body[1:]} == {ast.Assign}
    board = pins.read()
    space: dict[str, int] = {}
    exec(compile(module, "pins.py", "exec"), space)
    assert {name.lower(): value for name, value in space.items() if name.isupper()} == {
        net.name: net.mcu.gp for net in board.net if net.mcu and net.mcu.gp is not None
    }


def test_the_boxs_programs_hold_only_lines_that_are_theirs():
    """No program touches a line that the kernel drives."""
    board = pins.read()
    constants = {name.lower(): value for name, value in vars(held).items() if name.isupper()}
    assert constants == {net.name: net.pi.bcm for net in board.net if net.pi and net.owner == "gpiozero"}


def test_the_bill_of_materials_adds_up():
    """The last line is what one box costs."""
    listed = parts.read()
    rows = list(csv.reader(io.StringIO((ROOT / "hw/bill.csv").read_text())))
    lines = [row for row in rows[1:] if row[0]]
    assert f"{sum(int(row[0]) * float(row[6]) for row in lines):.2f}" == rows[-1][7] == f"{listed.total:.2f}"
    assert all(row[4] and row[5] for row in lines)
    assert listed.priced in rows[0][6]
    assert "estimate" in rows[0][6]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [("price = 28.0", "price = 0.0", "U1"), ('["Q3"]', '["Q1"]', "Q1"), ('second = "Nexperia', 'third = "N', "third")],
)
def test_a_slip_in_the_list_of_parts_is_said(before, after, said, tmp_path):
    """A part that is free, doubled or cannot be had elsewhere is no part of the list."""
    text = parts.LIST.read_text()
    assert before in text
    changed = tmp_path / "parts.toml"
    changed.write_text(text.replace(before, after, 1))
    with pytest.raises(ValueError, match=said):
        parts.read(changed)


def test_the_supply_is_enough_for_every_pi():
    """With the largest Pi, and everything on at once, a quarter of the supply stays free and 4.75 V arrive."""
    figures = power.read()
    assert power.faults(figures) == []
    rows = {row.pi: row for row in power.budget(figures)}
    assert set(rows) == {"Pi 3B", "Pi 3B+", "Zero 2 W", "Pi 4B", "Pi 5"}
    five = rows["Pi 5"]  # by hand: 2400 + 300 + 10 + 90 + 90 + 100 + 120 + 101; 2.71 A through the switch
    assert five.most_ma == 3211
    assert five.switch_w == pytest.approx(2.71**2 * 0.05)
    assert five.at_pi_v == pytest.approx(5.10 - 3.211 * 0.03 - 2.71 * 0.05)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"supply_ma": 4000}, "Pi 5: 20% of the supply stay free"),
        ({"fuse_ma": 3000}, "Pi 5: 3211 mA are more than the fuse carries"),
        ({"wires_ohm": 0.1}, "V arrive"),
        ({"switch_ohm": 0.2}, "the switch has to give away 1.5 W"),
    ],
)
def test_a_budget_that_does_not_hold_is_said(change, said):
    """A smaller supply, a thinner wire or a weaker switch is noticed before it is bought."""
    figures = msgspec.structs.replace(power.read(), **change)
    assert any(said in fault for fault in power.faults(figures))


def test_every_wire_of_the_list_is_in_the_harness():
    """The harness has each line once, in its colour, and each plug once."""
    board = pins.read()
    for plug in board.plug:
        rows = wiring.wires(board, plug.name)
        assert rows
        assert len({row.contact for row in rows}) == len(rows)
    drawn = {(plug.name, row.label) for plug in board.plug for row in wiring.wires(board, plug.name)}
    assert {("J1", net.name) for net in board.net if net.pi} <= drawn
    assert {(net.plug[0], net.name) for net in board.net if net.plug} <= drawn


def test_every_infrared_code_is_what_the_world_calls_it():
    """Address and command make the very word that public lists give, and each code has its source."""
    codes = infrared.read()
    assert infrared.faults(codes) == []
    assert {code.protocol for code in codes} == {"nec", "samsung", "rc5", "rc6"}
    assert all(code.source for code in codes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"command": 0x09}, "make 0x20df906f, not 0x20df10ef"),
        ({"protocol": "samsung"}, "make 0x202010ef"),
        ({"protocol": "rc5", "word": None, "command": 0x4C}, "rc5 has 5 bits of address and 6 of command"),
        ({"word": None}, "not 0x00000000"),
    ],
)
def test_a_slip_in_an_infrared_code_is_said(change, said):
    """A wrong code would switch something else in the room."""
    code = msgspec.structs.replace(infrared.read()[0], **change)
    assert any(said in fault for fault in infrared.faults((code,)))
