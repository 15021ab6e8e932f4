"""The front of ``make bench``: what it keeps, what it shows, and what it says of a name that it does not know."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.bench import __main__ as bench
from tests.bench.result import Result

FIELDS = {"id", "value", "unit", "peer", "peer_value", "ratio", "bar", "ok", "command"}


def row(name: str, value: float, *, ok: bool = True) -> Result:
    return Result(id=name, value=value, unit="ms", bar="at most 60 ms", ok=ok, command=f"make bench ID={name}")


def test_measuring_one_figure_again_keeps_the_others():
    """A bench that is run alone renews its own rows, drops those it no longer has, and leaves the rest."""
    before = [row("wire-bytes", 1), row("start-lateness", 2), row("start-lateness-p99", 3)]
    after = bench.merged(before, [row("start-lateness", 4)], ["start-lateness"])
    assert [(one.id, one.value) for one in after] == [("start-lateness", 4), ("wire-bytes", 1)]


def test_every_object_has_exactly_the_promised_fields():
    assert set(msgspec.json.decode(msgspec.json.encode(row("wire-bytes", 1)))) == FIELDS


def test_results_of_an_older_form_are_measured_anew(tmp_path: Path):
    """What lies there from an earlier version is no reason to fail."""
    kept = tmp_path / "bench.json"
    assert bench.read(kept) == []
    kept.write_text('[{"id": "start-lateness"}]')
    assert bench.read(kept) == []
    kept.write_bytes(msgspec.json.encode([row("start-lateness", 2), row("no-longer-measured", 1)]))
    assert [one.id for one in bench.read(kept)] == ["start-lateness"]


def test_a_bar_that_falls_short_is_seen_in_the_table():
    table = bench.aligned(
        [bench.HEADS, bench.cells(row("wire-bytes", 70, ok=False)), bench.cells(row("disk-writes", 5))]
    )
    lines = table.splitlines()
    assert lines[1].endswith("SHORT")
    assert lines[2].endswith("met")
    assert lines[0].index("bar") == lines[1].index("at most 60 ms") == lines[2].index("at most 60 ms")


def test_an_unknown_name_is_told_the_known_ones(capsys):
    assert bench.main(["ID=start-latness"]) == 2
    assert "start-lateness, black-frames" in capsys.readouterr().err


def test_the_committed_page_says_on_what_machine_it_was_measured():
    page = bench.page([row("wire-bytes", 1)], "python -m tests.bench")
    for word in (
        "| wire-bytes | 1 ms |",
        "processor",
        "memory",
        "kernel",
        "Debian",
        "Python",
        "libmpv",
        "ffmpeg",
        "date",
    ):
        assert word in page
