"""Debian 13's own kernel starts on QEMU's Raspberry Pi 3B with the carrier board in its tree (`-m system`)."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from hw import overlays
from tests.hw import judging, kernels

BASE = "bcm2837-rpi-3-b"
BOOTED = "Kernel panic - not syncing: VFS"  # it has come to the end of its drivers, and has no disk to go on
WITHIN_SECONDS = 150.0
pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def log_of_a_start(tree: Path, folder: Path) -> str:
    """What the kernel says on the PL011 until it misses its disk."""
    said = folder / "serial.txt"
    kernel = kernels.base_trees("stable") / "vmlinuz"
    options = ["-display", "none", "-monitor", "none", "-no-reboot", "-append", "console=ttyAMA0,115200 root=/dev/none"]
    machine = subprocess.Popen(
        ["qemu-system-aarch64", "-M", "raspi3b", "-kernel", kernel, "-dtb", tree, "-serial", f"file:{said}", *options]
    )
    try:
        deadline = time.monotonic() + WITHIN_SECONDS
        while time.monotonic() < deadline and machine.poll() is None:
            if said.exists() and BOOTED in (text := said.read_text(errors="replace")):
                return text
            time.sleep(0.3)
    finally:
        machine.kill()
        machine.wait()
    pytest.fail(f"the kernel did not come to its end: {said.read_text(errors='replace')[-500:]}")


def test_the_kernel_finds_the_supervisors_line_at_the_header(tmp_path):
    """With the board the kernel starts, has one serial port, and it is the one at pins 8 and 10."""
    base = kernels.base_trees("stable") / f"{BASE}.dtb"
    with_board, faults = judging.merged(base, overlays.compiled("pi3"), tmp_path)
    assert with_board, faults
    said = log_of_a_start(with_board, tmp_path)
    assert "Machine model: Raspberry Pi 3 Model B" in said
    assert "3f201000.serial: ttyAMA0 at MMIO 0x3f201000" in said
    assert "3f215040.serial" not in said
    (tmp_path / "plain").mkdir()
    assert "3f215040.serial: ttyS1 at MMIO" in log_of_a_start(base, tmp_path / "plain")  # what the overlay moved away
