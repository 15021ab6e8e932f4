"""`python -m hw.overlays`: compile the carrier board's overlay for each target into ``build/device_tree``.

Uses Debian's ``cpp`` and ``dtc``; a warning of dtc's is a fault. ``dtc`` alone sees little: what a base tree and the
bindings say of the overlay is asked in ``tests/hw``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "device_tree/carrier.dts"
BUILT: Final = ROOT / "build/device_tree"
TARGETS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    # the overlay's file is estation-carrier-<target>.dtbo: the word in the source, and the base trees that it is for
    "pi3": ("TARGET_PI_3", ("bcm2837-rpi-3-b", "bcm2837-rpi-3-b-plus")),
    "zero2w": ("TARGET_ZERO_2_W", ("bcm2837-rpi-zero-2-w",)),
    "pi4": ("TARGET_PI_4", ("bcm2711-rpi-4-b",)),
    "pi5": ("TARGET_PI_5", ("bcm2712-rpi-5-b",)),
}
WITHIN_SECONDS: Final = 20.0  # a compiler of eighty lines takes milliseconds


class OverlayError(Exception):
    """The overlay does not compile cleanly; the text is the tool's own."""


def file_name(target: str) -> str:
    """What the compiled overlay of a target is called."""
    return f"estation-carrier-{target}.dtbo"


def compiled(target: str, source: Path = SOURCE) -> bytes:
    """The overlay of one target. Raises `OverlayError`, also where dtc only warns."""
    word, _ = TARGETS[target]
    plain = _run(
        ["cpp", "-nostdinc", "-undef", "-x", "assembler-with-cpp", "-P", f"-I{SOURCE.parent}", f"-D{word}", str(source)]
    )
    return _run(["dtc", "-@", "-I", "dts", "-O", "dtb", "-o", "-", "-"], plain)


def _run(command: list[str], given: bytes = b"") -> bytes:
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=WITHIN_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"{error}; `make set-up` installs cpp and device-tree-compiler"
        raise OverlayError(msg) from error
    if done.returncode or done.stderr.strip():
        raise OverlayError(done.stderr.decode(errors="replace").strip() or f"{command[0]} ended with {done.returncode}")
    return done.stdout


def main() -> int:
    """0 where every target compiled without a word of dtc's."""
    BUILT.mkdir(parents=True, exist_ok=True)
    for target in TARGETS:
        try:
            (BUILT / file_name(target)).write_bytes(compiled(target))
        except OverlayError as error:
            print(f"device_tree/carrier.dts for {target}: {error}", file=sys.stderr)
            return 1
        print(f"build/device_tree/{file_name(target)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
