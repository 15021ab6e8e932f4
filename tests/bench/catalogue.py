"""`catalogue`: a library of 1,440 videos and 4,400 bulletins: the daily sync, core's look-ups, and the memory.

*Start* is the whole daily process without a stick: from its start until the table is worked out, the card is tidied
and it is gone again, which is more than being ready. A *look-up* is what core does for a session's start (16 items,
whether they are held, the films for a minimum). Memory is the largest that the process ever had. The peer is sqlite3
reading the same rows, or Python with nothing but its packages.
"""

from __future__ import annotations

import math
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from estation_box.drivers.library_store import LibraryStore
from tests.bench.result import Result, command, percentile
from tests.support.field_library import BULLETINS, VIDEOS, hold, lengthen, tiny_films
from tests.support.library import make_stick
from tests.support.sync_box import ON_TIME, Box

TRIES: Final = 5
LOOK_UPS: Final = 200
SESSION: Final = 16
START_SECONDS, LOOK_UP_SECONDS, MEMORY_BYTES = 1.0, 0.005, 60e6


def run() -> list[Result]:
    """Start, look-up and memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make_stick(folder, videos=1)
        films = tiny_films(VIDEOS - 1)
        lengthen(made, VIDEOS, BULLETINS, films=films)
        box = Box(folder / "box", made.root)
        box.run(made.stick)
        hold(box.state, films)
        starts = [_timed(lambda: box.run(None, *ON_TIME)) for _ in range(TRIES)]
        bare = [
            _timed(lambda: subprocess.run([sys.executable, "-c", "import tuf.ngclient"], check=True))
            for _ in range(TRIES)
        ]
        process = box.start(None, *ON_TIME, module="tests.support.weigh_sync")
        out, error = process.communicate(timeout=60)
        assert process.returncode == 0, error
        ours, theirs = _look_ups(box.state / "library.db", tuple(films))
    start, peer = statistics.median(starts), statistics.median(bare)
    memory, shared = int(out) * 1024, {"command": command("catalogue")}
    look, plain = percentile(ours, 0.99), percentile(theirs, 0.99)
    return [
        Result(
            id="catalogue-start", value=round(start, 2), unit="s p50", peer="python -c 'import tuf.ngclient'",
            peer_value=round(peer, 2), ratio=round(peer / start, 2), bar=f"at most {START_SECONDS:g} s",
            ok=start <= START_SECONDS, **shared,
        ),
        Result(
            id="catalogue-look-up", value=round(look * 1000, 2), unit="ms p99", peer="sqlite3 reading the same rows",
            peer_value=round(plain * 1000, 2), ratio=round(plain / look, 2), bar="at most 5 ms",
            ok=look <= LOOK_UP_SECONDS, **shared,
        ),
        Result(
            id="catalogue-memory", value=round(memory / 1e6, 1), unit="MB at most", bar="at most 60 MB",
            ok=memory <= MEMORY_BYTES, **shared,
        ),
    ]  # fmt: skip


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _look_ups(database: Path, ids: tuple[str, ...]) -> tuple[list[float], list[float]]:
    """Seconds of each: ours by the store that core has, the peer's by the same rows."""
    ours, theirs = [], []
    with LibraryStore(database) as shelf, sqlite3.connect(database) as plain:
        assert len(shelf.films(math.inf)) == len(ids) + 1
        for number in range(LOOK_UPS):
            asked = tuple(ids[(number * 7 + each) % len(ids)] for each in range(SESSION))
            ours.append(_timed(lambda asked=asked: _session(shelf, asked)))
            theirs.append(_timed(lambda asked=asked: _rows(plain, asked)))
    return ours, theirs


def _session(shelf: LibraryStore, asked: tuple[str, ...]) -> None:
    assert len(shelf.items(asked)) == len(asked)
    assert all(shelf.held(content) for content in asked)
    assert shelf.films(1800.0)


def _rows(plain: sqlite3.Connection, asked: tuple[str, ...]) -> None:
    marks = ",".join("?" * len(asked))
    assert len(plain.execute(f"SELECT id, body FROM item WHERE id IN ({marks})", asked).fetchall()) == len(asked)
    for content in asked:
        assert plain.execute("SELECT size FROM held WHERE content = ?", (content,)).fetchone()
