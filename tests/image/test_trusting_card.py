"""A publisher's card from the one image, by `scripts/flash --trust`: of the image only the initrd is another."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support import machine

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
BOOT_A_MIB = 128


@pytest.mark.system
@pytest.mark.timeout(900)
def test_the_publishers_root_goes_behind_the_initrd_and_nothing_else_changes(tmp_path):
    """The county's own root of trust is on the card; the system partition is everybody's."""
    card, root = tmp_path / "card", tmp_path / "root.json"
    card.write_bytes(b"")
    with card.open("r+b") as file:
        file.truncate(machine.IMAGE.stat().st_size)
    root.write_text('{"signed":{"_type":"root"}}')
    command = [ROOT / "scripts/flash", card, "--image", machine.IMAGE, "--trust", root, "--yes"]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    for name, image in (("of-card", card), ("of-image", machine.IMAGE)):
        machine.run("mcopy", "-i", f"{image}@@{machine.BOOT_A}M", "::initrd", tmp_path / name)
    before, after = (tmp_path / "of-image").read_bytes(), (tmp_path / "of-card").read_bytes()
    assert after.startswith(before)
    more = subprocess.run(
        ["zstd", "-dc"], input=after[len(before) :], check=True, capture_output=True, timeout=60
    ).stdout
    unpacked = subprocess.run(
        ["cpio", "-it", "--quiet"], input=more, check=True, capture_output=True, timeout=60
    ).stdout
    assert "etc/estation/root.json" in unpacked.decode().split()
    assert root.read_bytes() in more
    with card.open("rb") as one, machine.IMAGE.open("rb") as other:
        number = 0
        while whole := other.read(MIB):
            part = one.read(MIB)
            assert part == whole or machine.BOOT_A <= number < machine.BOOT_A + BOOT_A_MIB
            number += 1
