"""The firmware itself, built from Debian's sources and booted in an emulated RP2040 (soak: it fetches 430 MB)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from estation_box.guarding.interfaces import Heard
from estation_wire import infrared_seen, supervisor_heard
from estation_wire import supervisor_words as words
from estation_wire.infrared import NEC, distance
from estation_wire.supervisor_frame import Decoder, encode
from tests.mcu.test_unix_port import heard, phases
from tests.support.supervisor import FIRMWARE, ROOT, STAND_IN, TOOLS, fetch_tools

HEAP_BYTES = 16 * 1024
PLACES = {"logging": "python-stdlib", "neopixel": "micropython/drivers/led"}
CODE = 0x20DF10EF
WATCHDOG_MS = 8388
SIO = 5  # the function of a pin that no device of the chip has


def library(folder: Path) -> Path:
    """A checkout of micropython-lib with the stand-ins in it."""
    (folder / "README.md").touch()
    for name, place in PLACES.items():
        package = folder / place / name
        package.mkdir(parents=True)
        (package / f"{name}.py").write_text((STAND_IN / f"{name}.py").read_text(encoding="utf-8"), encoding="utf-8")
        (package / "manifest.py").write_text(f'metadata(version="0")\nmodule("{name}.py")\n', encoding="utf-8")
    return folder


def build(folder: Path, **named: str) -> None:
    """`make mcu`, with micropython-lib's stand-ins where no checkout is given."""
    given = os.environ.get("MICROPYTHON_LIB") or str(library(folder))
    subprocess.run(
        [ROOT / "scripts/mcu"], env={**os.environ, "MICROPYTHON_LIB": given, **named}, check=True, timeout=3600
    )


class EmulatedPico:
    """A Pico with the firmware in its flash, by its own clock, at the other end of a serial line (`in_emulator.py`)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._decoder = Decoder()
        self.rows: list[list[str]] = []
        self._until("READY")

    def order(self, *order: str) -> None:
        print(*order, file=self._process.stdin, flush=True)

    def send(self, kind: int, payload: bytes) -> None:
        self.order("hear", encode(kind, payload).hex())

    def say(self, kind: int, *numbers: int) -> None:
        self.send(kind, words.say(kind, *numbers))

    def pass_on(self, seconds: float) -> None:
        self.order("run", f"{seconds * 1000:.0f}")

    def hear(self) -> list[Heard]:
        """What it says while the time of `pass_on` goes by."""
        said = bytes.fromhex("".join(self._until("SAID")))
        return [Heard(frame.kind, frame.payload) for frame in self._decoder.feed(said)]

    def told(self, what: str) -> list[list[str]]:
        """The rows of this kind that came, oldest first."""
        return [row[1:] for row in self.rows if row[0] == what]

    def _until(self, what: str) -> list[str]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            row = line.split()
            if row[0] == what:
                return row[1:]
            self.rows.append(row)
        return pytest.fail("the emulator ended")


@contextmanager
def emulated(image: Path) -> Iterator[EmulatedPico]:
    command = [TOOLS / "python", ROOT / "tests/mcu/in_emulator.py", image]
    environment = {**os.environ, "PYTHONPATH": str(FIRMWARE)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield EmulatedPico(process)
        finally:
            process.kill()


@pytest.mark.soak
def test_the_firmware_as_it_is_flashed_guards_a_box(tmp_path):
    """The very file for the board, `main` and `board` in it: beats, infrared, the door, a cut, a hang, a reset."""
    fetch_tools()
    build(tmp_path)
    with emulated(ROOT / "build/mcu/estation-mcu.uf2") as pico:
        first = dict(heard(pico, 1))
        assert first[words.HELLO] == (1, 1, words.CAUSE_POWER)
        assert first[words.COUNTERS][1] == 0
        assert all(4950 < volts < 5050 for volts in first[words.COUNTERS][2:])
        dim = pico.told("LIGHTS")[-1]
        watched(pico)
        assert pico.told("LIGHTS")[-1] != dim
        learns(pico)
        pico.order("door")
        assert dict(heard(pico, 2))[words.COUNTERS][1] == 1
        is_cut_and_comes_back(pico)
        watched(pico)
        heard(pico, 7)
        hangs_without_power(pico)
        pico.order("reset")
        assert dict(heard(pico, 1))[words.HELLO] == (1, 3, words.CAUSE_PI)


def watched(pico: EmulatedPico) -> None:
    """The Pi gives the shortest times and says that all is well."""
    pico.say(words.PARAMETERS, 60, 5, 2, 2, 3, 600)
    pico.say(words.BEAT, words.HEALTH_PLAYING, 0, 0)
    assert phases(heard(pico, 1))[-1] == "WATCH"


def learns(pico: EmulatedPico) -> None:
    """A code leaves the LED as a carrier, and the receiver sees it, as late as the chip's program makes it."""
    pico.say(words.IR_LEARN, 5000)
    pico.send(words.IR_SEND, infrared_seen.order(NEC, CODE))
    pico.pass_on(1)
    told = {frame.kind: frame.payload for frame in pico.hear()}
    assert words.read(words.IR_SENT, told[words.IR_SENT])[1] == 1
    pulses = supervisor_heard.pulses(told[words.IR_LEARNT])
    assert len(pulses) == len(distance(CODE))
    assert infrared_seen.understood(list(pulses)) == (NEC, CODE)


def is_cut_and_comes_back(pico: EmulatedPico) -> None:
    """A silent box is warned and loses its power for two seconds; meanwhile nothing drives the line to it."""
    told = heard(pico, 9)
    assert (words.WARNING, (2,)) in told
    assert phases(told)[-1] == "BOOT"
    (on, *_), (off, cut, function), (again, back, _) = pico.told("POWER")
    assert (on, off, again, function) == ("1", "0", "1", str(SIO))
    assert 1950 <= int(back) - int(cut) <= 2020, "its last words leave within that time"


def hangs_without_power(pico: EmulatedPico) -> None:
    """It hangs in the second cut: its watchdog starts it anew, and that gives the box its power back."""
    off, cut, _ = pico.told("POWER")[-1]
    assert off == "0"
    pico.order("hang")
    told = dict(heard(pico, 10))
    ((reset,),) = pico.told("RESET")
    assert int(reset) - int(cut) <= 2000 + WATCHDOG_MS, "it hung within its two seconds"
    assert pico.told("POWER")[-1][:2] == ["1", reset]
    assert told[words.HELLO] == (1, 2, words.CAUSE_WATCHDOG)
    assert told[words.STATUS][1:3] == (2, 2), "what was kept in the flash before the cut is there"


@pytest.mark.soak
def test_the_frozen_program_needs_little_memory_of_an_emulated_pico(tmp_path):
    """Without `main`, so that something can be asked of it: what the start takes of the Pico's memory."""
    fetch_tools()
    lines = (FIRMWARE / "estation_mcu/manifest.py").read_text(encoding="utf-8").splitlines()
    kept = [line.replace('".."', repr(str(FIRMWARE))) for line in lines if not line.startswith('module("main')]
    manifest = tmp_path / "manifest.py"
    manifest.write_text("\n".join(kept), encoding="utf-8")
    build(tmp_path, MANIFEST=str(manifest))
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
