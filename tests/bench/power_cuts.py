"""``power-cuts``: the power goes at 2,000 points of 20 minutes of a box's life in QEMU; what falls short then.

The minutes are recorded once, into ``build/power`` (remove it, and they are recorded anew): sessions, sticks with new
films, papers and reports, every write and flush of the card. For each point an image of the data partition is
made, torn and reordered writes included as far as the flushes allow, and judged as in `tests.support.card_judge`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from tests.bench.result import Result, command
from tests.power.recording import Recording, record
from tests.support.cut_series import judge_all

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "build/power"
SECONDS: Final = 20 * 60.0
CUTS: Final = 2000
KINDS: Final = {
    "lost": "records, papers or films lost",
    "doubled": "records doubled",
    "person": "boots that need a person",
    "corrupt": "films that would play corrupt",
}


def run() -> list[Result]:
    """Four figures, each the cuts at which it fell short."""
    made = Recording.of(FOLDER) or record(FOLDER, SECONDS)
    print(
        f"{made.seconds / 60:.0f} minutes, {made.sticks} sticks, {made.sessions} sessions, "
        f"{made.promises[-1].records} records",
        flush=True,
    )
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        tally = judge_all(FOLDER / "before", FOLDER / "log", made.span, CUTS, Path(memory), life=made.life(FOLDER))
    print("\n".join(tally.words))
    enough = tally.cuts >= CUTS and made.seconds >= SECONDS and tally.records >= made.promises[-1].records
    return [
        Result(
            id=f"power-cuts-{kind}", value=float(getattr(tally, kind)), unit=f"cuts of {tally.cuts}: {words}",
            bar="0 of 2,000, in 20 minutes of a box's life", ok=enough and not getattr(tally, kind),
            command=command("power-cuts"),
        )
        for kind, words in KINDS.items()
    ]  # fmt: skip
