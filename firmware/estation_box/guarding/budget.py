"""The reboot budget: what `estation-safe` decides when a unit has spent its starts. Pure: a boot's age is an argument.

No wall clock is asked: a box counts how long its boots lived. Each reboot costs one; each `ladder.REBOOT.per` seconds
that a boot lived give one back. What was decided is kept before it is done: a budget that cannot be kept buys nothing.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct, json
from msgspec.structs import replace

from estation_box.guarding import ladder
from estation_wire.decoding import decoder

MAX_BYTES = 1024


class Budget(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a box remembers. ``boot``: the boot that it was written in.

    ``wanted``: the unit that the last reboot was for, and in which boot; until core has written it down.
    """

    left: Annotated[int, Meta(ge=0, le=ladder.REBOOT.tries)] = ladder.REBOOT.tries
    boot: Annotated[str, Meta(max_length=64)] = ""
    wanted: Annotated[str, Meta(max_length=64)] = ""
    wanted_in: Annotated[str, Meta(max_length=64)] = ""
    retries: Annotated[int, Meta(ge=0, le=2**31)] = 0
    up: Annotated[float, Meta(ge=0)] = 0.0
    """Seconds of the boot's life that were counted already."""


class Verdict(Enum):
    """What is done about it."""

    REBOOT = "reboot"
    SAFE = "safe mode"


def decode(raw: bytes | None) -> Budget:
    """The budget; a full one where there never was one. Raises `ValueError` for what cannot be read."""
    if raw is None:
        return Budget()
    return decoder(Budget).decode(raw)


def encode(budget: Budget) -> bytes:
    """As it is kept."""
    return json.encode(budget)


def decide(before: Budget, boot: str, up: float, unit: str) -> tuple[Verdict, Budget]:
    """``unit`` spent its starts ``up`` seconds into ``boot``: what to do, and what to remember before it is done."""
    same = before.boot == boot
    lived = max(up - before.up, 0.0) if same else up
    earned = int(lived // ladder.REBOOT.per)
    left = min(before.left + earned, ladder.REBOOT.tries)
    retries = before.retries if same and not earned else 0
    if left > 0:
        return Verdict.REBOOT, Budget(left=left - 1, boot=boot, wanted=unit, wanted_in=boot, up=up)
    return Verdict.SAFE, replace(before, left=0, boot=boot, retries=retries + 1, up=up)


def unkept(before: Budget) -> Budget:
    """The budget where it can be neither read nor kept: nothing is left of it."""
    return replace(before, left=0)


def wait(budget: Budget) -> float:
    """Seconds that safe mode lasts before the units are tried again."""
    return ladder.wait_before(ladder.SAFE, max(budget.retries - 1, 0))
