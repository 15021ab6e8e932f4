"""``power-to-card``: from the plug to the first card on the TV, in the guest's own time, in QEMU with ``-icount``.

With one processor and ``-icount`` the guest's clock counts instructions while it works, and goes by this machine's
clock while it waits for its disk: a busy machine makes the bench slower, and the figure hardly larger. The card is seen
on the screen; the peer is the same image with all units of ours masked, to systemd's multi-user.target. Neither is a
Raspberry Pi: what its firmware and its SD card take is not in it.

What is not exact is against us: the guest's time is asked for when the card has been seen, and the answer takes the
guest some time. The peer says afterwards when it was there, and is asked nothing before.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from tests.bench.result import Result, command
from tests.support import machine, machine_inside
from tests.support.library import make_stick
from tests.support.machine_inside import Inside
from tests.system import pictures

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = (ROOT / "firmware/image/systemd", ROOT / "firmware/image/root/etc/systemd/system")
BOOTS: Final = 5
BAR: Final = 1.15
COUNTED: Final = ("-icount", "shift=0", "-smp", "1")  # a nanosecond an instruction: a Pi 3's core, roughly
ALONE: Final = "tcg,thread=single"  # what -icount demands
UP_WITHIN: Final = 900.0  # of this machine's seconds
LOOK_EVERY: Final = 0.2
REACHED: Final = "systemctl show multi-user.target -p ActiveEnterTimestampMonotonic --value"
QUIET_SECONDS: Final = 60  # of the guest's: the peer is long there when it is asked first
UNITS_IN_IMAGE: Final = "systemctl list-unit-files --plain --no-legend 'estation-*' | cut -d ' ' -f 1"
STAY: Final = ("estation-player.service", "estation-core.service")
STATE: Final = "LoadState", "ActiveState", "InactiveExitTimestampMonotonic"


class State(NamedTuple):
    """What PID 1 says of a unit. ``begun``: microseconds after the kernel's start, 0 where it was never started."""

    load: str
    active: str
    begun: int


def run() -> list[Result]:
    """The medians, against each other."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as name:
        folder = Path(name)
        root = make_stick(folder / "made", now=datetime.now(UTC)).root
        ours, theirs = [], []
        for _ in range(BOOTS):
            ours.append(_boot(folder, root, [], _card))
            print(f"card after {ours[-1]:.2f} s", flush=True)
            theirs.append(_boot(folder, root, list(units()), _multi_user))
            print(f"multi-user.target alone after {theirs[-1]:.2f} s", flush=True)
    value, peer = statistics.median(ours), statistics.median(theirs)
    return [
        Result(
            id="power-to-card", value=round(value, 2), unit="s of guest time p50", peer="multi-user.target, units off",
            peer_value=round(peer, 2), ratio=round(peer / value, 3), bar=f"at most {BAR} of the peer's time",
            ok=value <= BAR * peer, command=command("power-to-card"),
        )
    ]  # fmt: skip


def units() -> dict[str, Path]:
    """Our units by name. Folders beside them are more words for a unit, ours or Debian's."""
    return {path.name: path for folder in FOLDERS for path in sorted(folder.iterdir()) if path.is_file()}


def _boot(folder: Path, root: Path, masked: list[str], reached: Callable[[machine.Machine, Inside], float]) -> float:
    """One boot of a new card, and the guest's time at what is waited for."""
    card = machine.card(folder, root, inside=True, masked=masked)
    given = [*machine_inside.arguments(folder), *COUNTED]
    with machine.booted(folder, card, {"ACCEL": ALONE}, *given, lock=machine.COUNTED_LOCK) as tv:
        return reached(tv, Inside(folder))


def _card(tv: machine.Machine, inside: Inside) -> float:
    """The card is there, and so are in the end all units that a boot starts."""
    tv.see("the first card", pictures.card, UP_WITHIN, every=LOOK_EVERY)
    up = float(inside.run("cat /proc/uptime", UP_WITHIN).split()[0])
    found = set(inside.run(UNITS_IN_IMAGE, UP_WITHIN).split())
    assert found == set(units()), f"the image has other units: {found ^ set(units())}"
    ends = time.monotonic() + UP_WITHIN
    while late := {name: state for name in units() if not _ours(name, state := _state(inside, name))}:
        assert time.monotonic() < ends, f"not as a boot leaves them: {late}"
    return up


def _ours(name: str, state: State) -> bool:
    """Whether a unit is as a boot leaves it: there, begun where a boot begins it, and up where it stays."""
    begins = "\n[Install]\n" in units()[name].read_text(encoding="utf-8")
    return state.load == "loaded" and (state.begun > 0 or not begins) and (state.active == "active" or name not in STAY)


def _multi_user(_: machine.Machine, inside: Inside) -> float:
    """The target is reached, and no unit of ours was ever started."""
    reached = inside.run(f"until sleep {QUIET_SECONDS}; [ $({REACHED}) -gt 0 ]; do :; done; {REACHED}", UP_WITHIN)
    off = {name: _state(inside, name) for name in units()}
    assert all(each == State("masked", "inactive", 0) for each in off.values()), off
    return int(reached) / 1e6


def _state(inside: Inside, unit: str) -> State:
    asked = "".join(f" -p {each}" for each in STATE)
    lines = inside.run(f"systemctl show {unit.replace('@.', '@any.')}{asked}", UP_WITHIN).splitlines()
    said = dict(line.split("=", 1) for line in lines)
    load, active, begun = (said[each] for each in STATE)
    return State(load, active, int(begun))
