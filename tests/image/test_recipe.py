"""The recipe of the card image, as far as it can be judged without building one."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from estation_box.apps.core import IMAGE_BUILD

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "firmware/image"
UNITS = sorted([*(IMAGE / "systemd").glob("*.service"), *(IMAGE / "root/etc/systemd/system").glob("*.service")])
EXPOSED_AT_MOST = 30  # tenths, of systemd's 0 (nothing may be touched) to 10 (everything)


def sourced(stage: str, words: str) -> str:
    """What the recipe's own shell says."""
    command = ["bash", "-ec", f"source firmware/image/stages/{stage}; {words}"]
    return subprocess.run(command, cwd=ROOT, check=True, timeout=60, capture_output=True, text=True).stdout.strip()


def test_the_image_and_the_box_agree_on_the_day_before_which_it_cannot_be():
    """The dates in the image, the clock's floor at boot and core's own floor are one day."""
    assert datetime.fromtimestamp(int(sourced("begin", "echo $SOURCE_DATE_EPOCH")), UTC) == IMAGE_BUILD
    assert "usr/lib/clock-epoch" in (IMAGE / "stages/habits").read_text()


def test_all_units_are_judged():
    """A unit that is added to the image is judged with the others."""
    assert {path.name for path in UNITS} >= {
        "estation-core.service",
        "estation-drawn.service",
        "estation-grow.service",
        "estation-screen.service",
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_of_the_image_can_touch_little(unit):
    """Each unit is judged by systemd itself, which notices a wall that was removed."""
    analyze = shutil.which("systemd-analyze")
    assert analyze, "run make set-up"
    command = [analyze, "security", "--offline=true", f"--threshold={EXPOSED_AT_MOST}", "--no-pager", str(unit)]
    judged = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


def test_no_room_of_the_card_is_given_twice():
    """Partitions follow each other, and the initrd finds the card by the number that is written on it."""
    spans = [line for line in sourced("layout", "table").splitlines() if line.startswith("start=")]
    ends = 0
    for span in spans:
        start, size = (int(word.partition("=")[2]) for word in span.split(", ")[:2])
        assert start >= ends
        ends = start if span.endswith("type=5") else start + size  # the extended one holds those that follow
    assert ends <= int(sourced("layout", "echo $card_mib")) * 2048
    assert f"label-id: 0x{sourced('layout', 'echo $card')}" in sourced("layout", "table")
