"""``make bench``: what was promised, measured against a named peer in the same run.

    python -m tests.bench                      all of them
    python -m tests.bench ID=start-lateness    one; several may be named, with or without ``ID=``
    python -m tests.bench --write-results      and keep the table as tests/bench/RESULTS.md

Results go to ``build/bench.json``; those of other benches that are there already stay. Exit status: 0 every bar
met, 1 a bar fell short, 2 no such bench.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Final

import msgspec

from tests.bench import machine
from tests.bench.result import Result

ROOT: Final = Path(__file__).resolve().parents[2]
BENCH_JSON: Final = ROOT / "build/bench.json"
RESULTS: Final = ROOT / "tests/bench/RESULTS.md"
BENCHES: Final = {
    "start-lateness": "start_lateness",
    "black-frames": "black_frames",
    "shown-seconds": "shown_seconds",
    "power-to-picture": "power_to_picture",
    "bulletin-latency": "bulletin_latency",
    "box-memory": "box_memory",
    "journal-open": "journal_open",
    "disk-writes": "disk_writes",
    "wire-bytes": "wire_bytes",
    "stick-maker": "stick_maker",
    "planner": "planner",
    "counts-agree": "counts_agree",
    "year-of-villages": "year_of_villages",
    "refresh": "refresh",
    "resume": "resume",
    "provision-time": "provision_time",
    "stick-ingest": "stick_ingest",
    "stick-again": "stick_again",
    "stick-ready": "stick_ready",
    "catalogue": "catalogue",
    "fault-matrix": "fault_matrix",
    "supervisor-policy": "supervisor_policy",
    "supervisor-footprint": "supervisor_footprint",
    "frame-fuzz": "frame_fuzz",
    "power-cuts": "power_cuts",
    "power-to-card": "power_to_card",
    "card-wear": "card_wear",
    "ingest": "ingest",
    "compliance": "compliance",
    "live-fleet": "live_fleet",
    "prefecture-returns": "prefecture_returns",
    "broker-connection": "broker_connection",
    "pages": "pages",
    "six-presses": "six_presses",
    "menu-latency": "menu_latency",
    "machine-memory": "machine_memory",
}
"""The benches' ids, as a person names them, and the module in this folder whose ``run()`` gives the results."""
HEADS: Final = ("figure", "value", "peer", "its value", "ratio", "bar", "")


def measured(bench: str) -> list[Result]:
    """Run one bench. Each row's id is the bench's, or begins with it."""
    rows: list[Result] = importlib.import_module(f"tests.bench.{BENCHES[bench]}").run()
    assert all(bench_of(row) == bench for row in rows), f"a row of {bench} has another bench's name"
    return rows


def merged(before: list[Result], after: list[Result], ran: list[str]) -> list[Result]:
    """``before`` with every row of the benches that ``ran`` replaced, in the order of `BENCHES`."""
    kept = [row for row in before if bench_of(row) not in ran]
    return [row for bench in BENCHES for row in [*kept, *after] if bench_of(row) == bench]


def bench_of(row: Result) -> str | None:
    """The bench that a row belongs to: the id that it begins with; None for one that is no more."""
    return next((bench for bench in BENCHES if f"{row.id}-".startswith(f"{bench}-")), None)


def cells(row: Result) -> tuple[str, ...]:
    """One row of the table, in words."""
    theirs = "" if row.peer_value is None else f"{row.peer_value:g} {row.unit}"
    ratio = "" if row.ratio is None else f"{row.ratio:g}x"
    return (row.id, f"{row.value:g} {row.unit}", row.peer, theirs, ratio, row.bar, "met" if row.ok else "SHORT")


def aligned(rows: list[tuple[str, ...]]) -> str:
    """The table for a terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def page(rows: list[Result], command: str) -> str:
    """The table as it is committed, with the machine that it was measured on."""
    table = [HEADS, tuple("---" for _ in HEADS), *(cells(row) for row in rows)]
    lines = ["| " + " | ".join(row) + " |" for row in table]
    described = [f"* {name}: {value}" for name, value in machine.description().items()]
    repeat = f"Measured with `{command}`; a row alone: `make bench ID=` and its name."
    return "\n".join(["# What was measured", "", repeat, "", *lines, "", "On this machine:", "", *described, ""])


def read(path: Path) -> list[Result]:
    """The results of earlier runs; none where there is no file, or one of an older form."""
    try:
        rows = msgspec.json.decode(path.read_bytes(), type=list[Result])
    except (FileNotFoundError, msgspec.DecodeError):
        return []
    return [row for row in rows if bench_of(row)]


def main(arguments: list[str]) -> int:
    """Run what was named, write it down, and say whether every bar was met."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure what was promised.")
    parser.add_argument("ids", nargs="*", metavar="ID", help=", ".join(BENCHES))
    parser.add_argument("--write-results", action="store_true", help="keep the whole table as tests/bench/RESULTS.md")
    options = parser.parse_args(arguments)
    names = [name.removeprefix("ID=") for name in options.ids] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no bench is called {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    fresh: list[Result] = []
    BENCH_JSON.parent.mkdir(exist_ok=True)
    for name in names:
        print(f"measuring {name} …", flush=True)
        rows = measured(name)
        fresh += rows
        every = merged(read(BENCH_JSON), rows, [name])  # kept at once: a bench that fails loses no other's figures
        BENCH_JSON.write_bytes(msgspec.json.format(msgspec.json.encode(every)) + b"\n")
    print(aligned([HEADS, *(cells(row) for row in fresh)]))
    if options.write_results:
        RESULTS.write_text(page(read(BENCH_JSON), " ".join(["python -m tests.bench", *arguments])), encoding="utf-8")
    return 0 if all(row.ok for row in fresh) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
