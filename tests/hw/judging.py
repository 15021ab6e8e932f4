"""Judges of an overlay against the trees of real kernels: each returns its faults, each is tried on a planted one."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from hw import overlays, pins
from tests.hw import kernels
from tests.hw.flat_tree import Tree, cells, tree, words

ROOT: Final = Path(__file__).resolve().parents[2]
TOOLS: Final = ROOT / "build/hw-tools/bin"
WITHIN_SECONDS: Final = 60.0
Said = Mapping[Path, list[str]]


def tools() -> None:
    """The pinned workbench is there."""
    subprocess.run([ROOT / "scripts/hw-tools"], check=True, timeout=400)


@cache
def schema() -> Path:
    """The few bindings that speak of our nodes, as dt-schema wants them."""
    tools()
    folder = kernels.bindings()
    made = folder.parent / "schema.json"
    subprocess.run(
        [TOOLS / "dt-mk-schema", "-j", "-o", made, *sorted(folder.rglob("*.yaml"))],
        check=True,
        capture_output=True,
        timeout=WITHIN_SECONDS,
    )
    return made


def merged(base: Path, overlay: bytes, folder: Path) -> tuple[Path | None, list[str]]:
    """The base tree with the overlay in it, as the firmware would merge it; or why that fails."""
    given, result = folder / "overlay.dtbo", folder / f"{base.stem}.dtb"
    given.write_bytes(overlay)
    done = subprocess.run(
        ["fdtoverlay", "-i", base, "-o", result, given],
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    return (result, []) if not done.returncode else (None, done.stderr.strip().splitlines() or ["fdtoverlay failed"])


def said_by_bindings(trees: Iterable[Path]) -> Said:
    """What the bindings say of each tree; asked in one go, for dt-validate takes as long to begin as for a tree."""
    said: dict[Path, list[str]] = {path.resolve(): [] for path in trees}
    done = subprocess.run(
        [TOOLS / "dt-validate", "-m", "-s", schema(), *said],
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS * len(said),
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    for path, words_of_it in re.findall(r"^(\S+\.dtb): (.+)$", done.stdout + done.stderr, re.MULTILINE):
        said[Path(path).resolve()].append(words_of_it)  # it prints the way from here
    return said


def by_bindings(said: Said, base: Path, result: Path) -> list[str]:
    """What the bindings say against the merged tree and not against the base tree alone."""
    return [line for line in said[result.resolve()] if line not in said[base.resolve()]]


def by_compiler(base: Path, result: Path) -> list[str]:
    """What dtc says of the merged tree, taken apart and compiled anew, and not of the base tree."""
    before = set(_compiled_anew(base))
    return [line for line in _compiled_anew(result) if line not in before]


@cache
def _compiled_anew(path: Path) -> list[str]:
    source = subprocess.run(
        ["dtc", "-q", "-I", "dtb", "-O", "dts", path], capture_output=True, timeout=WITHIN_SECONDS, check=True
    )
    done = subprocess.run(
        ["dtc", "-I", "dts", "-O", "dtb", "-o", "/dev/null"],
        input=source.stdout,
        capture_output=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    said = [re.sub(r"^<stdin>:[\d.-]+:? ?", "", line) for line in done.stderr.decode().splitlines()]
    return [line for line in said if "is not a phandle reference" not in line]  # a tree taken apart has numbers only


def by_pins(board: pins.Board, result: Path) -> list[str]:
    """Where the merged tree uses another pin, or a pin of another chip, than the list says."""
    seen = tree(result.read_bytes())
    new = "bcm2712" in result.stem
    header = words(seen["/__symbols__"]["rp1_gpio" if new else "gpio"])[0]
    faults = []
    for net in board.net:
        if net.pi and net.pi.use == "led":
            gpios = cells(seen[f"/carrier-leds/led-{net.name.removesuffix('_light')}"].get("gpios", b""))
            if len(gpios) != 3:
                faults.append(f"{net.name} is on {len(gpios) // 3} lines")
                continue
            phandle, line, _ = gpios
            if phandle != cells(seen[header]["phandle"])[0]:
                faults.append(f"{net.name} is no line of the header")
            if line != net.pi.bcm:
                faults.append(f"{net.name} is GPIO {line} in the tree, {net.pi.bcm} in the list")
    for label, uses in _BUSES["5" if new else "older"].items():
        wanted = {net.pi.bcm for net in board.net if net.pi and net.pi.use in uses}
        if (found := _held(seen, words(seen["/__symbols__"][label])[0])) != wanted:
            faults.append(f"{label} holds {sorted(found)} in the tree, {sorted(wanted)} in the list")
    return faults


_I2C, _UART = frozenset({"i2c1-sda", "i2c1-scl"}), frozenset({"uart0-txd", "uart0-rxd"})
_BUSES: Final = {"5": {"rp1_i2c1": _I2C}, "older": {"i2c1": _I2C, "uart0": _UART}}


def by_owner(board: pins.Board, result: Path) -> list[str]:
    """Lines of the board that a node of the kernel's holds, which the list does not give to the kernel, or twice."""
    seen = tree(result.read_bytes())
    faults = []
    for net in board.net:
        if net.pi:
            holders = [path for path in seen if _enabled(seen, path) and net.pi.bcm in _held(seen, path)]
            if len(holders) != (1 if net.owner == "kernel" and _reachable(seen, net) else 0):
                faults.append(f"{net.name} (GPIO {net.pi.bcm}) is held by {holders or 'nobody'}")
    return faults


def _reachable(seen: Tree, net: pins.Net) -> bool:
    return net.pi is not None and not ("rp1_gpio" in seen["/__symbols__"] and net.pi.use in _UART)


def _enabled(seen: Tree, path: str) -> bool:
    parts = path.split("/")
    above = ["/".join(parts[: depth + 1]) or "/" for depth in range(len(parts))]
    return all(words(seen[at].get("status", b"okay\0"))[0] in {"okay", "ok"} for at in above)


def _held(seen: Tree, path: str) -> set[int]:
    """The header's lines that a node uses: through its pin groups, or as ``gpios``."""
    by_phandle = {cells(node["phandle"])[0]: at for at, node in seen.items() if "phandle" in node}
    symbols = seen["/__symbols__"]
    header = words(symbols.get("rp1_gpio", symbols.get("gpio", b"")))[0]
    held: set[int] = set()
    for group in cells(seen[path].get("pinctrl-0", b"")):
        at = by_phandle[group]
        if at.startswith(header + "/"):
            held |= set(cells(seen[at].get("brcm,pins", b"")))
            held |= {int(pin.removeprefix("gpio")) for pin in words(seen[at].get("pins", b""))}
    gpios = cells(seen[path].get("gpios", b""))
    if len(gpios) == 3 and by_phandle.get(gpios[0]) == header:
        held.add(gpios[1])
    return held


def overlay_for(target: str, text: str, folder: Path) -> bytes:
    """The overlay of a target from a changed source. Raises `overlays.OverlayError`."""
    source = folder / "carrier.dts"
    source.write_text(text)
    return overlays.compiled(target, source)
