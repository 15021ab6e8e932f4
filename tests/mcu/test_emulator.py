"""The firmware itself, built from Debian's sources and booted in an emulated RP2040 (soak: it fetches 430 MB)."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.support.supervisor import FIRMWARE, ROOT, STAND_IN, TOOLS, fetch_tools

HEAP_BYTES = 16 * 1024
PLACES = {"logging": "python-stdlib", "neopixel": "micropython/drivers/led"}


def library(folder):
    """A checkout of micropython-lib with the stand-ins in it."""
    (folder / "README.md").touch()
    for name, place in PLACES.items():
        package = folder / place / name
        package.mkdir(parents=True)
        (package / f"{name}.py").write_text((STAND_IN / f"{name}.py").read_text(encoding="utf-8"), encoding="utf-8")
        (package / "manifest.py").write_text(f'metadata(version="0")\nmodule("{name}.py")\n', encoding="utf-8")
    return folder


@pytest.mark.soak
def test_the_frozen_program_runs_on_an_emulated_pico(tmp_path):
    """Built, booted, and a silent box loses its power for five seconds.

    Without `main`: the emulator hangs where a serial port is opened.
    """
    fetch_tools()
    lines = (FIRMWARE / "estation_mcu/manifest.py").read_text(encoding="utf-8").splitlines()
    kept = [line.replace('".."', repr(str(FIRMWARE))) for line in lines if not line.startswith('module("main')]
    manifest = tmp_path / "manifest.py"
    manifest.write_text("\n".join(kept), encoding="utf-8")
    given = os.environ.get("MICROPYTHON_LIB") or str(library(tmp_path))
    environment = {**os.environ, "MICROPYTHON_LIB": given, "MANIFEST": str(manifest)}
    subprocess.run([ROOT / "scripts/mcu"], env=environment, check=True, timeout=3600)
    done = subprocess.run(
        [TOOLS / "rp2040py", "micropython", "--image", ROOT / "build/mcu/trial.uf2", ROOT / "tests/mcu/on_emulator.py"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    rows = {row.partition(" ")[0]: row.partition(" ")[2] for row in done.stdout.splitlines()}
    assert rows["POWER"] == "(0, True) [(70, False)] (75, True)"
    assert rows["DONE"] == "micropython True"
    assert int(rows["HEAP"]) <= HEAP_BYTES
