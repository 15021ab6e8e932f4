"""`python -m hw.generate`: judge the lists of pins, parts and power; write what is made from them, or compare it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from hw import boards, infrared, parts, power, rp2040, wiring
from hw.pins import Board, Net, faults, read

ROOT: Final = Path(__file__).resolve().parent.parent
_MADE: Final = "made from hw/pins.toml by `make hw`; do not edit"


def mcu_constants(board: Board) -> str:
    """The supervisor's constants: GPIO numbers, for MicroPython (no imports, no annotations)."""
    lines = [f'"""The pins of the supervisor, by GPIO number: {_MADE}."""\n']
    for net in board.net:
        if net.mcu and net.mcu.gp is not None:
            lines += [f"{net.name.upper()} = {net.mcu.gp}  # pin {rp2040.edge(net.mcu.pin)}: {net.mcu.use}"]
    return "\n".join(lines) + "\n"


def box_constants(board: Board) -> str:
    """The lines that the box's own programs hold, for gpiozero."""
    lines = [
        f'"""Lines of the carrier board that gpiozero holds, by BCM number: {_MADE}."""\n',
        "from __future__ import annotations\n",
        "from typing import Final\n",
    ]
    for net in board.net:
        if net.pi and net.owner == "gpiozero":
            lines += [f"{net.name.upper()}: Final = {net.pi.bcm}  # pin {net.pi.header} of the header: {net.pi.use}"]
    return "\n".join(lines) + "\n"


def overlay_constants(board: Board) -> str:
    """The lines that the kernel holds, for the C preprocessor."""
    lines = [f"/* The kernel's lines of the carrier board, by BCM number: {_MADE}. */"]
    for net in board.net:
        if net.pi and net.owner == "kernel":
            lines += [
                f"#define NET_{net.name.upper()} {net.pi.bcm}",
                f'#define PIN_{net.name.upper()} "gpio{net.pi.bcm}"',
            ]
    return "\n".join(lines) + "\n"


def pin_table(board: Board) -> str:
    """The table for people, in Markdown."""
    lines = [
        "| net | Pi: pin, GPIO, use | supervisor: pin, GPIO, use | owner | plug | wire | what |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for net in board.net:
        plug = f"{net.plug[0]}-{net.plug[1]}" if net.plug else ""
        cells = (net.name, _pi_words(net), _mcu_words(net), net.owner, plug, net.colour or "", net.what)
        lines += ["| " + " | ".join(cells) + " |"]
    return "\n".join(lines).replace("|  |", "| |").replace("|  |", "| |") + "\n"


def _pi_words(net: Net) -> str:
    return f"{net.pi.header}, {net.pi.bcm}, {net.pi.use}" if net.pi else ""


def _mcu_words(net: Net) -> str:
    return f"{rp2040.edge(net.mcu.pin)}, {net.mcu.pin}, {net.mcu.use}" if net.mcu else ""


def texts(board: Board, root: Path) -> dict[Path, str]:
    """Every file that is made from the lists, with what it shall hold. Raises `OSError`, `ValueError`."""
    whole = {
        "firmware/estation_mcu/pins.py": mcu_constants(board),
        "firmware/estation_box/drivers/pins.py": box_constants(board),
        "device_tree/carrier-pins.h": overlay_constants(board),
        "hw/wiring.yml": wiring.harness(board),
        "hw/bill.csv": parts.bill(parts.read(root / "hw/parts.toml")),
    }
    tables = {
        ("device_tree/README.md", "pins"): pin_table(board),
        ("hw/README.md", "power"): power.table(power.read(root / "hw/power.toml")),
    }
    found = {root / name: text for name, text in whole.items()}
    for (name, mark), table in tables.items():
        found[root / name] = _with_table((root / name).read_text(encoding="utf-8"), name, mark, table)
    return found


def _with_table(page: str, name: str, mark: str, table: str) -> str:
    begin, end = f"<!-- {mark} -->\n", "<!-- end -->\n"
    before, found, rest = page.partition(begin)
    _, ends, after = rest.partition(end)
    if not found or not ends:
        msg = f"{name} has no place for the table: {begin.strip()} and {end.strip()}"
        raise ValueError(msg)
    return before + begin + table + end + after


def stale(made: Mapping[Path, str]) -> list[Path]:
    """The files that are missing or hold something else than the lists say."""
    return [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def judged(root: Path) -> tuple[dict[Path, str], list[str]]:
    """What is made from the lists, and what is wrong with them."""
    try:
        board = read(root / "hw/pins.toml")
        found = [f"pins.toml: {fault}" for fault in faults(board, boards.headers())]
        found += [f"power.toml: {fault}" for fault in power.faults(power.read(root / "hw/power.toml"))]
        found += [f"infrared.toml: {fault}" for fault in infrared.faults(infrared.read(root / "hw/infrared.toml"))]
        return texts(board, root), found
    except (msgspec.MsgspecError, OSError, ValueError) as error:
        return {}, [str(error)]


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """0 where the lists are sound and the files are fresh (or were just written)."""
    made, wrong = judged(root)
    if wrong:
        print("\n".join(f"hw: {fault}" for fault in wrong), file=sys.stderr)
        return 1
    old = stale(made)
    if "--check" in arguments:
        drawing = root / "hw/wiring.svg"
        if not drawing.exists() or not drawing.read_text(encoding="utf-8").endswith(
            wiring.seal(made[root / "hw/wiring.yml"])
        ):
            old.append(drawing)
        for path in old:
            print(f"{path.relative_to(root)} is stale: run `make hw`", file=sys.stderr)
        return 1 if old else 0
    for path in old:
        path.write_text(made[path], encoding="utf-8")
        print(f"wrote {path.relative_to(root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
