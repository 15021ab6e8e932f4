"""`stick-again`: the same stick, nothing new, a library of 1,440 videos that are all held: the whole process.

From the start of `estation-sync` until it is gone, receipt on the stick included; the peer is `rsync -a` looking
through the same files, which compares size and time only.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from estation_wire import stick as layout
from tests.bench.result import Result, command
from tests.support.field_library import VIDEOS, hold, lengthen, put_on, tiny_films
from tests.support.library import make_stick
from tests.support.sync_box import Box

TRIES: Final = 5
BAR_SECONDS: Final = 2.0


def run() -> list[Result]:
    """Seconds from start to end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make_stick(folder, videos=1)
        films = tiny_films(VIDEOS - 1)
        box = Box(folder / "box", made.root)
        box.run(made.stick)
        lengthen(made, VIDEOS, films=films)
        put_on(made.stick, films)
        hold(box.state, films)
        box.run(made.stick)
        assert len(box.held()) == VIDEOS
        ours, theirs = [], []
        for _ in range(TRIES):
            start = time.perf_counter()
            told = box.run(made.stick)
            ours.append(time.perf_counter() - start)
            assert " 0 taken, 0 refused" in told, told
            theirs.append(_rsync(made.stick / layout.CONTENT, folder / "peer"))
    value, peer = statistics.median(ours), statistics.median(theirs[1:])
    return [
        Result(
            id="stick-again", value=round(value, 2), unit="s p50", peer="rsync -a (size and time only)",
            peer_value=round(peer, 2), ratio=round(peer / value, 2), bar=f"at most {BAR_SECONDS:g} s",
            ok=value <= BAR_SECONDS, command=command("stick-again"),
        )
    ]  # fmt: skip


def _rsync(source: Path, there: Path) -> float:
    """Nothing new for rsync either, from the second try on."""
    start = time.perf_counter()
    subprocess.run(["rsync", "-a", f"{source}/", f"{there}/"], check=True, timeout=60)
    return time.perf_counter() - start
