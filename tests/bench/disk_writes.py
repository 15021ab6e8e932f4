"""``disk-writes``: what core and sync write to the card in a day of 10 sessions of 10 minutes with 3 clips each.

The real core, journal, checkpoints and clock run a simulated day on the real disk, in a process of their own; the
kernel says what was written (``write_bytes`` of /proc/PID/io). Sync is the real process, expanding the rules anew.
The peer is the same day with SQLite's own defaults: a row updated in a database with 4-KiB pages at each checkpoint.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.bench.result import Result

BAR_BYTES: Final = 3_000_000
SESSIONS: Final = 10
CLIP_SECONDS: Final = 200.0
DAY_SECONDS: Final = 86_400
COMMAND: Final = "make bench ID=disk-writes"


def run() -> list[Result]:
    """One result: bytes a day, against plain SQLite."""
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "build") as folder:
        core = _child("core", Path(folder))
        sync = _child("sync", Path(folder))
        peer = _child("peer", Path(folder))
    value = core + sync
    return [
        Result(
            id="disk-writes", value=round(value / 1e6, 3), unit="MB a day", peer="plain SQLite checkpoints and records",
            peer_value=round(peer / 1e6, 3), ratio=round(value / peer, 3), bar="at most 3 MB", ok=value <= BAR_BYTES,
            command=COMMAND,
        )
    ]  # fmt: skip


def _child(part: str, folder: Path) -> int:
    """Run one part in a process of its own; the bytes that it had the kernel write."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.disk_writes", part, str(folder)],
        check=True, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return int(done.stdout.split()[-1])


def written() -> int:
    """Bytes that this process has had written to a disk so far."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


def core_day(folder: Path) -> int:
    """The box's head through a day: sessions each two hours, heartbeat, clock and checkpoints included."""
    from estation_wire.planner import Slot  # noqa: PLC0415 - the parent needs none of this
    from tests.support.box import START, SimulatedBox, TableShelf, item, profile  # noqa: PLC0415

    films = tuple(item(name, CLIP_SECONDS) for name in "abc")
    contents = tuple(film.id for film in films)
    slots = [Slot(rule="hourly", start=START + timedelta(hours=2 * n + 1), contents=contents) for n in range(SESSIONS)]
    state = folder / "core"
    state.mkdir()
    box = SimulatedBox(state, TableShelf(films, slots), profile(countdown_seconds=120))
    box.idle_step = 5.0
    before = written()
    box.run(DAY_SECONDS)
    from estation_wire.records import SessionEnded  # noqa: PLC0415

    ended = box.centre.told(SessionEnded)
    if len(ended) != SESSIONS or any(one.reason != "completed" for one in ended):
        msg = f"the day was not as planned: {len(ended)} sessions"
        raise RuntimeError(msg)
    box.core.close(box.clock.moment())
    return written() - before


def sync_night(folder: Path) -> int:
    """The real sync, once, with a library on the card and no stick: it expands the rules anew for the next day."""
    from tests.support.library import NOW, make_stick  # noqa: PLC0415
    from tests.support.sync_box import Box  # noqa: PLC0415

    made = make_stick(folder / "made", videos=3)
    box = Box(folder / "sync", made.root)
    box.run(made.stick)
    night = box.start(None, "--now", (NOW + timedelta(days=1)).isoformat(), module="tests.bench.disk_writes")
    told, error = night.communicate(timeout=120)
    if night.returncode:
        raise RuntimeError(error.decode())
    return int(told.split()[-1])


def peer_day(folder: Path) -> int:
    """The same writes with SQLite as it comes: 200 checkpoints, 144 times, 70 records, each a transaction."""
    database = sqlite3.connect(folder / "peer.db", isolation_level=None)
    database.execute("CREATE TABLE record (seq INTEGER PRIMARY KEY, body TEXT)")
    database.execute("CREATE TABLE place (one INTEGER PRIMARY KEY, body TEXT)")
    before = written()
    for n in range(SESSIONS * 20 + 144):
        database.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", (f"{n}" + "x" * 1500,))
    for n in range(SESSIONS * 5 + 20):
        database.execute("INSERT INTO record VALUES (?, ?)", (n, "x" * 400))
    return written() - before


def night_itself(arguments: list[str]) -> int:
    """In the place of sync's own start: the same, and then what it had the kernel write."""
    from estation_box.apps import sync  # noqa: PLC0415

    before = written()
    if sync.main(arguments):
        msg = "sync failed"
        raise RuntimeError(msg)
    return written() - before


if __name__ == "__main__":
    parts = {"core": core_day, "sync": sync_night, "peer": peer_day}
    part = parts.get(sys.argv[1])
    print(part(Path(sys.argv[2])) if part else night_itself(sys.argv[1:]))
