"""The supervisor's program on this machine: on CPython by its modules, on MicroPython's unix port as a process."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FIRMWARE: Final = ROOT / "firmware"
TOOLS: Final = ROOT / "build/mcu-tools/bin"
STAND_IN: Final = ROOT / "tests/mcu/stand_in"
LIBRARY: Final = "MICROPYTHON_LIB"
"""Names a checkout of micropython-lib, where there is one; else `tests/mcu/stand_in` stands for its `logging`."""
FROZEN: Final = ("estation_mcu", "estation_wire")

if str(FIRMWARE) not in sys.path:
    sys.path.append(str(FIRMWARE))  # the supervisor's program is no package of the box: it is not installed


def fetch_tools() -> None:
    """MicroPython's unix port and compiler; quick where they are there."""
    subprocess.run([str(ROOT / "scripts/mcu-tools")], check=True, timeout=300, capture_output=True)


def library(*, stand_in: bool = False) -> Path:
    """The folder of `logging`: a checkout's where one is named, unless ``stand_in``."""
    given = None if stand_in else os.environ.get(LIBRARY)
    return Path(given) / "python-stdlib/logging" if given else STAND_IN


def environment(program: Path | None = None) -> dict[str, str]:
    """Where MicroPython finds the program and its library: as they are written, or ``program``, see `compiled`."""
    found = f"{program}" if program else f"{FIRMWARE}:{library()}"
    return {**os.environ, "MICROPYPATH": f"{found}:{ROOT}/tests/mcu"}


def on_the_chip() -> dict[str, str]:
    """As `environment`, with a chip that behaves for `board.py`, and `neopixel` of a checkout or its stand-in."""
    given = os.environ.get(LIBRARY)
    lights = f"{given}/micropython/drivers/led/neopixel" if given else str(STAND_IN)
    return {**os.environ, "MICROPYPATH": f"{ROOT}/tests/mcu/chip:{FIRMWARE}:{library()}:{lights}:{ROOT}/tests/mcu"}


def compiled(folder: Path, logging: Path) -> Path:
    """The program and its ``logging`` as they lie in the Pico's flash: compiled by mpy-cross, without line numbers.

    The simulated board goes with it as it is written; what it takes is counted apart.
    """
    for package in FROZEN:
        (folder / package).mkdir()
        for file in sorted((FIRMWARE / package).glob("*.py")):
            if file.name not in {"board.py", "main.py", "manifest.py", "simulated.py"} and _for_the_pico(file):
                _compile(file, folder / package / f"{file.stem}.mpy")
    shutil.copy(FIRMWARE / "estation_mcu/simulated.py", folder / "estation_mcu")
    _compile(logging / "logging.py", folder / "logging.mpy")
    return folder


def _for_the_pico(file: Path) -> bool:
    manifest = (FIRMWARE / "estation_mcu/manifest.py").read_text(encoding="utf-8")
    return f'"{file.name}"' in manifest


def _compile(file: Path, made: Path) -> None:
    subprocess.run([TOOLS / "mpy-cross", "-march=armv6m", "-O3", "-o", made, file], check=True, timeout=60)


def micropython(*arguments: str, heap: str = "180k", timeout: float = 100) -> str:
    """What MicroPython's unix port prints; ``heap`` is the Pico's. Raises `AssertionError` with its complaint."""
    done = subprocess.run(
        [TOOLS / "micropython", "-X", f"heapsize={heap}", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def noise(seed: int, frames: tuple[bytes, ...]) -> Iterator[bytes]:
    """Random streams without end: bytes of chance, zeros, and real frames cut, changed and joined."""
    chance = random.Random(seed)
    while True:
        frame = bytearray(chance.choice(frames))
        match chance.randrange(5):
            case 0:
                yield chance.randbytes(chance.randrange(64))
            case 1:
                frame[chance.randrange(len(frame))] = chance.randrange(256)
                yield bytes(frame)
            case 2:
                yield bytes(frame[: chance.randrange(len(frame))])
            case 3:
                yield bytes(chance.choice((0, 0, 1, 255)) for _ in range(chance.randrange(300)))
            case _:
                yield bytes(frame) + chance.randbytes(chance.randrange(8))
