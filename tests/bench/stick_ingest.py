"""`stick-ingest`: a stick's films onto the card, verified and durable, against `cp`, `sha256sum`, `sync` and `rsync`.

All read the same 320 MB, forgotten by the machine's memory before each try, and write to the same file system, in
turn; the median of five. rsync makes its files durable too, but verifies nothing. Once more with the processor's SHA
extensions masked, as on a board that has none.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from estation_wire import stick as layout
from tests.bench.result import Result, command
from tests.bench.stick_maker import forget
from tests.support.card import Card

FILMS: Final = 4
FILM_BYTES: Final = 80_000_000
TRIES: Final = 5
MASKED: Final = {"OPENSSL_ia32cap": ":~0x20000000"}  # no SHA extensions
ROOT: Final = Path(__file__).parents[2]


def run() -> list[Result]:
    """Seconds against each peer, and MB/s without the extensions."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as name:
        folder = Path(name)
        Card(folder, [FILM_BYTES] * FILMS)
        ways = {
            "ours": lambda: _ours(folder, {}),
            "cp": lambda: _theirs(folder, "cp {0}/* {1}/ && sha256sum {1}/* && sync -f {1}"),
            "rsync": lambda: _theirs(folder, "rsync -a --fsync {0}/ {1}/"),
            "masked": lambda: _ours(folder, MASKED),
        }
        took: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(TRIES):
            for way, work in ways.items():
                forget(folder / "stick")
                took[way].append(work())
    seconds = {way: statistics.median(each) for way, each in took.items()}
    rows = [
        Result(
            id=f"stick-ingest{suffix}", value=round(seconds["ours"], 2), unit="s p50", peer=peer,
            peer_value=round(seconds[way], 2), ratio=round(seconds[way] / seconds["ours"], 2),
            bar=f"at least {bar}x as fast", ok=seconds[way] >= bar * seconds["ours"], command=command("stick-ingest"),
        )
        for way, suffix, peer, bar in (
            ("cp", "", "cp && sha256sum && sync", 1.6),
            ("rsync", "-rsync", "rsync --fsync (verifies nothing)", 0.6),
        )
    ]  # fmt: skip
    rate = FILMS * FILM_BYTES / 1e6 / seconds["masked"]
    return [
        *rows,
        Result(
            id="stick-ingest-masked", value=round(rate), unit="MB/s p50, no SHA extensions", bar="at least 35 MB/s",
            ok=rate >= 35, command=command("stick-ingest"),
        ),
    ]  # fmt: skip


def _ours(folder: Path, environment: dict[str, str]) -> float:
    with Card.found(folder).books() as books:
        books.forget(tuple(books.kept()))
    shutil.rmtree(folder / "state/cache", ignore_errors=True)
    os.sync()
    path = os.pathsep.join(map(str, (ROOT / "firmware", ROOT / "central", ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.ingest_one", str(folder)],
        env={**os.environ, "PYTHONPATH": path, **environment}, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    return float(done.stdout)


def _theirs(folder: Path, words: str) -> float:
    there = folder / "peer"
    shutil.rmtree(there, ignore_errors=True)
    there.mkdir()
    os.sync()
    start = time.perf_counter()
    subprocess.run(
        words.format(folder / "stick" / layout.CONTENT, there), shell=True, check=True, stdout=subprocess.DEVNULL,
        timeout=300,
    )  # fmt: skip
    return time.perf_counter() - start
