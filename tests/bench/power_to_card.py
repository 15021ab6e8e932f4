"""``power-to-card``: from the plug to the first card on the TV, in the guest's own time, in QEMU with ``-icount``.

With one processor and ``-icount`` the guest's clock counts instructions: a busy machine makes the bench slower, and the
figure no larger. The card is seen on the screen; the peer is the same image with our units masked, to systemd's
multi-user.target. Neither is a Raspberry Pi: what its firmware and its SD card take is not in it.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.bench.result import Result, command
from tests.support import machine, machine_inside
from tests.support.library import make_stick
from tests.support.machine_inside import Inside
from tests.system import pictures

ROOT: Final = Path(__file__).resolve().parents[2]
UNITS: Final = ROOT / "firmware/image/systemd"
BOOTS: Final = 5
BAR: Final = 1.15
COUNTED: Final = ("-icount", "shift=0", "-smp", "1")  # a nanosecond an instruction: a Pi 3's core, roughly
ALONE: Final = "tcg,thread=single"  # what -icount demands
UP_WITHIN: Final = 900.0  # of this machine's seconds
LOOK_EVERY: Final = 0.2
REACHED: Final = "systemctl show multi-user.target -p ActiveEnterTimestampMonotonic --value"


def run() -> list[Result]:
    """The medians, against each other."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as name:
        folder = Path(name)
        root = make_stick(folder / "made", now=datetime.now(UTC)).root
        masked = " ".join(f"systemd.mask={unit.name}" for unit in sorted(UNITS.iterdir()))
        ours, theirs = [], []
        for _ in range(BOOTS):
            ours.append(_boot(folder, root, "", _card))
            theirs.append(_boot(folder, root, masked, _multi_user))
            print(f"card after {ours[-1]:.2f} s, multi-user.target alone after {theirs[-1]:.2f} s", flush=True)
    value, peer = statistics.median(ours), statistics.median(theirs)
    return [
        Result(
            id="power-to-card", value=round(value, 2), unit="s of guest time p50", peer="multi-user.target, units off",
            peer_value=round(peer, 2), ratio=round(peer / value, 3), bar=f"at most {BAR} of the peer's time",
            ok=value <= BAR * peer, command=command("power-to-card"),
        )
    ]  # fmt: skip


def _boot(folder: Path, root: Path, words: str, reached: Callable[[machine.Machine, Inside], float]) -> float:
    """One boot of a new card, and the guest's time at what is waited for."""
    card = machine.card(folder, root, inside=True)
    given = [*machine_inside.arguments(folder), *COUNTED]
    with machine.booted(folder, card, {"ACCEL": ALONE, "MORE": words}, *given) as tv:
        return reached(tv, Inside(folder))


def _card(tv: machine.Machine, inside: Inside) -> float:
    tv.see("the first card", pictures.card, UP_WITHIN, every=LOOK_EVERY)
    return float(inside.run("cat /proc/uptime", UP_WITHIN).split()[0])


def _multi_user(_: machine.Machine, inside: Inside) -> float:
    waited = f"until [ $({REACHED}) -gt 0 ]; do sleep 0.5; done; {REACHED}"
    return int(inside.run(waited, UP_WITHIN)) / 1e6
