"""`journal-open`: 100,000 undelivered records, from nothing to the first batch, against a plain read by sqlite3.

Each try is a fresh process that has imported everything before: what is measured is opening and reading.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from estation_box.drivers.journal_store import SqliteJournalStore
from estation_box.journal.rules import Row
from estation_box.journal.waiting import Pending, encode
from estation_wire.records import ClipShown
from tests.bench.result import Result, command, percentile
from tests.journal.values import ids, moment

RECORDS = 100_000
TRIES = 5
AT_ONCE = 2000

_MEASURE = """
import sqlite3, sys, time
from pathlib import Path
from estation_box.drivers.journal_store import SqliteJournalStore
from estation_box.journal.service import Journal
folder, who = Path(sys.argv[1]), sys.argv[2]
def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/smaps_rollup") if line.startswith("Rss:"))
sqlite3.connect(":memory:").execute("SELECT 1")
journal = Journal(SqliteJournalStore(folder / "journal.db", "box-1", str), None)
before, start = resident(), time.perf_counter()
if who == "ours":
    state = journal.state()
    got = len(journal.batch().records)
else:
    database = sqlite3.connect(folder / "journal.db")
    got = len(database.execute("SELECT seq, raw FROM records WHERE seq > 0 ORDER BY seq LIMIT 100").fetchall())
assert got == 100
print(time.perf_counter() - start, (resident() - before) / 1024)
"""


def run() -> list[Result]:
    """Seconds, and how much larger the process became, each against the peer's."""
    measured: dict[str, list[tuple[float, float]]] = {"ours": [], "peer": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder)
        for _ in range(TRIES):
            for who, each in measured.items():
                each.append(_measure(folder, who))
    seconds, peer_seconds = (percentile([each[0] for each in measured[who]], 0.5) for who in ("ours", "peer"))
    grown, peer_grown = (max(each[1] for each in measured[who]) for who in ("ours", "peer"))
    shared = {"peer": "sqlite3 reading the same 100 rows", "command": command("journal-open")}
    return [
        Result(
            id="journal-open", value=round(seconds * 1000, 2), unit="ms p50", peer_value=round(peer_seconds * 1000, 2),
            ratio=round(peer_seconds / seconds, 2), bar="at most 500 ms", ok=seconds <= 0.5, **shared,
        ),
        Result(
            id="journal-open-memory", value=round(grown, 2), unit="MiB grown", peer_value=round(peer_grown, 2),
            ratio=round(peer_grown / max(grown, 0.01), 2), bar="at most 2 MB", ok=grown <= 2e6 / 2**20, **shared,
        ),
    ]  # fmt: skip


def _fill(folder: Path) -> None:
    """A box that showed films for years and reached nobody."""
    store = SqliteJournalStore(folder / "journal.db", "box-1", ids())
    store.open()
    body = {
        "session": "a" * 32, "content": "c" * 64, "title": "科普天地：家庭用电安全", "shown": 30.9, "has": 31.0,
        "counting": True, "completed": True, "language": "zh-Hans", "subtitles": "en",
    }  # fmt: skip
    for first in range(1, RECORDS, AT_ONCE):
        store.append(
            [Row(seq, encode(seq, Pending(moment(seq), ClipShown, body))) for seq in range(first, first + AT_ONCE)], 0
        )
    store.close()


def _measure(folder: Path, who: str) -> tuple[float, float]:
    told = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(folder), who], capture_output=True, text=True, timeout=60, check=True
    )
    seconds, grown = map(float, told.stdout.split())
    return seconds, grown
