"""The machine below the product: what the image's kernel has for a TV that answers, and the watchdog of a hung kernel.

One box, one boot; the second test ends that boot.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import machine, machine_inside
from tests.support.library import make_stick
from tests.support.machine_box import BoxInside
from tests.system import pictures

pytestmark = pytest.mark.system
BOOT_WITHIN = 420.0
RESET_WITHIN = 90.0  # the chip counts to 15 s of the guest's time
ANSWER_WITHIN = 60.0
PANIC_AND_STAY = "echo 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger"
TV = (
    "set -e; modprobe vivid; udevadm settle; v4l2-ctl -d0 -c hdmi_000_0_is_connected_to=2; "
    "cec-ctl -s -d0 --tv; cec-ctl -s -d1 --playback; (cec-follower -s -d0 >/dev/null 2>&1 &)"
)


class Bare:
    """A bare box that is on."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        made = make_stick(folder / "made")
        card = machine.card(folder, made.root, inside=True)
        self.tv = stack.enter_context(machine.booted(folder, card, {}, *machine_inside.arguments(folder)))
        self.inside = machine_inside.Inside(folder)
        self.box = BoxInside(self.inside)
        self.tv.see("the welcome", pictures.welcome, BOOT_WITHIN)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    folder = tmp_path_factory.mktemp("machine")
    with ExitStack() as stack:
        yield Bare(folder, stack)
    shutil.rmtree(folder)


def test_the_images_kernel_can_play_a_tv_that_obeys_cec(bare: Bare):
    """The kernel's own TV says that it is on, goes to standby and comes back: a CEC driver will be held to it."""
    bare.inside.run(TV)

    def says(state: str) -> bool:
        _, told = bare.inside.tried("cec-ctl -s -d1 --to 0 --give-device-power-status")
        return f"pwr-state: {state} " in told

    bare.box.wait("the TV answers that it is on", lambda: says("on"), ANSWER_WITHIN)
    bare.inside.run("cec-ctl -s -d1 --to 0 --standby")
    bare.box.wait("the TV in standby", lambda: says("standby"), ANSWER_WITHIN)
    bare.inside.run("cec-ctl -s -d1 --to 0 --image-view-on")
    bare.box.wait("the TV on again", lambda: says("on"), ANSWER_WITHIN)


def test_a_hung_kernel_is_reset_by_the_chip_and_the_box_says_so(bare: Bare):
    """Nothing answers any more: the watchdog resets the box, its card is back, and the journal holds the reason."""
    before = bare.box.record("boot", 120.0)
    bare.inside.send(PANIC_AND_STAY)
    bare.tv.happens("WATCHDOG", RESET_WITHIN, action="reset")
    bare.tv.see("no card", lambda seen: not pictures.welcome(seen), RESET_WITHIN)
    bare.tv.see("the welcome again", pictures.welcome, BOOT_WITHIN)
    after = bare.box.record("boot", 120.0, why="watchdog")
    assert after["boot"] != before["boot"]
    assert after["seq"] > before["seq"]
