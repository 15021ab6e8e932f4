"""What came out of the box's sound card, as QEMU writes it down: 16 bit, two channels."""

from __future__ import annotations

import array
import math
from pathlib import Path
from typing import NamedTuple

RATE = 48000
HEADER_BYTES = 44
_BLOCK = RATE // 10  # frames that are judged together


class Heard(NamedTuple):
    """``seconds`` of sound, and in how much of it the one tone holds nearly all that is heard."""

    seconds: float
    tone_seconds: float


def arguments(path: Path) -> list[str]:
    """What QEMU has to be told. No mixer: HDMI has none either, and nothing in the image would open it."""
    back = f"wav,id=sound,path={path},out.frequency={RATE},out.channels=2,out.format=s16"
    return ["-audiodev", back, "-device", "intel-hda", "-device", "hda-output,audiodev=sound,mixer=off"]


def heard(path: Path, hertz: float) -> Heard:
    """How much of the sound that is not silence is this tone. The file's head is not read: a killed QEMU leaves it."""
    samples = array.array("h", path.read_bytes()[HEADER_BYTES : HEADER_BYTES + _whole(path)])
    left = samples[::2]
    blocks = [left[at : at + _BLOCK] for at in range(0, len(left) - _BLOCK, _BLOCK)]
    loud = [block for block in blocks if _power(block) > 100.0]
    toned = [block for block in loud if _tone(block, hertz) > 0.8 * _power(block)]
    return Heard(len(loud) / 10, len(toned) / 10)


def _whole(path: Path) -> int:
    return (path.stat().st_size - HEADER_BYTES) // 4 * 4


def _power(block: array.array[int]) -> float:
    return sum(sample * sample for sample in block) / len(block)


def _tone(block: array.array[int], hertz: float) -> float:
    """The power at one frequency (Goertzel)."""
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    before, last = 0.0, 0.0
    for sample in block:
        before, last = last, sample + turn * last - before
    strength = before * before + last * last - turn * before * last
    return 2 * strength / len(block) ** 2
