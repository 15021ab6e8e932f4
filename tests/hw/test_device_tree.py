"""The overlay of the carrier board, judged by the trees and bindings of Debian's kernels."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from estation_box.drivers.supervisor import PORT
from hw import overlays, pins
from tests.hw import flat_tree, judging, kernels

BOARD = pins.read()
SOURCE = overlays.SOURCE.read_text()
CASES = [
    (kernel, target, base)
    for target, (_, bases) in overlays.TARGETS.items()
    for base in bases
    for kernel in ("newest", "stable")
    if (kernel, target) != ("stable", "pi5")  # Debian 13's kernel does not know the Pi 5's header
]
pytestmark = pytest.mark.timeout(600)  # the first time it fetches 260 MB from Debian's archive


class Trees(NamedTuple):
    """The tree of a board, and the same with an overlay in it; or which tool refused to put it together."""

    base: Path
    result: Path | None
    refused: dict[str, list[str]]


def put_together(kernel: str, target: str, base: str, folder: Path, text: str = SOURCE) -> Trees:
    tree = kernels.base_trees(kernel) / f"{base}.dtb"
    try:
        overlay = judging.overlay_for(target, text, folder)
    except overlays.OverlayError as error:
        return Trees(tree, None, {"dtc": [str(error)]})
    result, faults = judging.merged(tree, overlay, folder)
    return Trees(tree, result, {} if result else {"fdtoverlay": faults})


def judged(trees: Trees, said: judging.Said, only: str = "") -> dict[str, list[str]]:
    """What each judge has to say, or ``only`` one of them."""
    base, result, refused = trees
    if result is None:
        return refused
    judges = {
        "bindings": lambda: judging.by_bindings(said, base, result),
        "dtc again": lambda: judging.by_compiler(base, result),
        "pins": lambda: judging.by_pins(BOARD, result),
        "owner": lambda: judging.by_owner(BOARD, result),
    }
    return {name: judge() for name, judge in judges.items() if only in {"", name}}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], Trees]:
    return {case: put_together(*case, tmp_path_factory.mktemp("fitted")) for case in CASES}


@pytest.fixture(scope="module")
def planted_trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trees]:
    made = {}
    for name, planted in PLANTED.items():
        assert planted.before in SOURCE
        text = SOURCE.replace(planted.before, planted.after)
        base = overlays.TARGETS[planted.target][1][0]
        made[name] = put_together("newest", planted.target, base, tmp_path_factory.mktemp("planted"), text)
    return made


@pytest.fixture(scope="module")
def said(fitted: dict[tuple[str, str, str], Trees], planted_trees: dict[str, Trees]) -> judging.Said:
    """What the bindings say of all the trees."""
    asked = [*fitted.values(), *(planted_trees[name] for name in PLANTED if PLANTED[name].judge == "bindings")]
    return judging.said_by_bindings(path for trees in asked for path in trees[:2] if path)


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_the_overlay_fits_every_board(case, fitted, said):
    """On each Pi that we support the board is described without a fault, and on the pins of the one list."""
    assert judged(fitted[case], said) == {"bindings": [], "dtc again": [], "pins": [], "owner": []}


def serial_ports(tree: flat_tree.Tree) -> dict[str, str]:
    """The PL011 ports that are on, by the name that the kernel gives them: `serial0` becomes ttyAMA0."""
    found = {}
    for alias, value in tree["/aliases"].items():
        (path,) = flat_tree.words(value)
        node = tree.get(path, {})
        on = flat_tree.words(node.get("status", b"okay\0")) == ["okay"]
        if alias.startswith("serial") and "arm,pl011" in flat_tree.words(node.get("compatible", b"")) and on:
            found[f"/dev/ttyAMA{alias.removeprefix('serial')}"] = path
    return found


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_the_drivers_port_is_the_headers_and_never_the_debug_plugs(case, fitted):
    """On each Pi the port that core opens is at pins 8 and 10; on a Pi 5 it is not there, and ttyAMA10 is not ours."""
    tree = flat_tree.tree(fitted[case].result.read_bytes())
    ports = serial_ports(tree)
    if case[1] == "pi5":
        assert set(ports) == {"/dev/ttyAMA10"}
    else:
        assert set(ports) == {str(PORT)}
        (pins,) = flat_tree.cells(tree[ports[str(PORT)]]["pinctrl-0"])
        (state,) = [node for node in tree.values() if flat_tree.cells(node.get("phandle", b"")) == [pins]]
        assert flat_tree.cells(state["brcm,pins"]) == [14, 15]


class Planted(NamedTuple):
    """A mistake that somebody could make, and who must see it."""

    judge: str
    before: str
    after: str
    target: str = "pi4"


PLANTED = {
    "a node without its address": Planted("dtc", "\t\treg = <0x68>;\n", ""),
    "a target that does not exist": Planted("dtc", "defined(TARGET_PI_4)", "defined(TARGET_PI_40)"),
    "a label that no tree has": Planted("fdtoverlay", "#define I2C i2c1", "#define I2C i2c_arm"),
    "a chip that nobody makes": Planted("bindings", "maxim,ds3231", "maxim,ds32310"),
    "a property of another chip": Planted("bindings", "reg = <0x68>;", "reg = <0x68>;\n\t\thw_margin_ms = <1000>;"),
    "a state that is none": Planted("bindings", 'default-state = "off"', 'default-state = "dark"'),
    "a light on no pin": Planted("bindings", "gpios = <&GPIO NET_KERNEL_LIGHT ACTIVE_HIGH>;", ""),
    "a light on two pins": Planted("bindings", "ACTIVE_HIGH>;", "ACTIVE_HIGH>, <&GPIO 25 ACTIVE_HIGH>;"),
    "a number where a word belongs": Planted("bindings", '"heartbeat"', "<1>"),
    "a function that the RP1 has not": Planted("bindings", 'function = "i2c1"', 'function = "i2c11"', "pi5"),
    "a pin that the RP1 has not": Planted("bindings", "pins = PIN_RTC_SDA", 'pins = "gpio92"', "pi5"),
    "an address beside the node's name": Planted("dtc again", "reg = <0x68>;", "reg = <0x69>;"),
    "another pin than the list's": Planted("pins", "NET_KERNEL_LIGHT ACTIVE", "25 ACTIVE"),
    "a pin of another chip": Planted("pins", "&GPIO NET", "&expgpio NET"),
    "other pins for the bus": Planted("pins", "PIN_RTC_SDA, PIN_RTC_SCL", '"gpio4", "gpio5"', "pi5"),
    "a line with two masters": Planted("owner", '&uart1 {\n\tstatus = "disabled";', '&uart1 {\n\tstatus = "okay";'),
    "gpiozero's line in the kernel's hand": Planted("owner", "NET_KERNEL_LIGHT ACTIVE", "17 ACTIVE"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_seen(name, planted_trees, said):
    """Each judge bites: a mistake of its kind does not pass."""
    judge = PLANTED[name].judge
    assert judged(planted_trees[name], said, judge)[judge]


def test_an_archive_that_cannot_be_reached_is_said_in_words(tmp_path):
    """A machine without a way to Debian's archive is told so, and not that the board is wrong."""
    for _ in range(2):  # and the next try is a try
        with pytest.raises(kernels.CannotFetchError, match="this machine cannot fetch from Debian's archive"):
            kernels.newest(r"linux-base-[x]", tmp_path / "apt", f"file://{tmp_path}/nowhere")


def test_a_package_that_is_gone_is_said_in_words():
    """Where Debian names its kernels otherwise one day, the test says which name it looked for."""
    with pytest.raises(kernels.CannotFetchError, match="has no package like linux-base-0"):
        kernels.newest(r"linux-base-0[x]")
