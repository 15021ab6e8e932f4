"""What the doctor says, by the rules; and once over a real centre with its broker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estation_central.upkeep import rules
from estation_central.upkeep.rules import Mark, Said
from tests.support.centre import central

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
GIB = 1024**3


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        (rules.disk(6 * GIB), Mark.FINE),
        (rules.disk(4 * GIB), Mark.LOOK),
        (rules.disk(GIB // 4), Mark.FAULT),
        (rules.certificate("c", NOW + timedelta(days=61), NOW), Mark.FINE),
        (rules.certificate("c", NOW + timedelta(days=59), NOW), Mark.LOOK),
        (rules.certificate("c", NOW, NOW), Mark.FAULT),
        (rules.clock(NOW + timedelta(seconds=4), NOW), Mark.FINE),
        (rules.clock(NOW - timedelta(seconds=5), NOW), Mark.FAULT),
        (rules.synchronised("yes"), Mark.FINE),
        (rules.synchronised("no"), Mark.LOOK),
        (rules.synchronised(""), Mark.LOOK),
        (rules.heard(NOW - timedelta(minutes=14), NOW), Mark.FINE),
        (rules.heard(NOW - timedelta(minutes=15), NOW), Mark.LOOK),
        (rules.heard(None, NOW), Mark.LOOK),
        (rules.tables(0), Mark.FINE),
        (rules.tables(1), Mark.FAULT),
        (rules.copied(NOW - timedelta(days=1), NOW), Mark.FINE),
        (rules.copied(NOW - timedelta(days=2), NOW), Mark.LOOK),
        (rules.copied(None, NOW), Mark.LOOK),
    ],
)
def test_what_is_fine_and_what_is_not(said: Said, mark: Mark) -> None:
    """Each limit, from both sides."""
    assert said.mark is mark, said


def test_a_centre_whose_broker_is_down(state: Path, tmp_path: Path) -> None:
    """The doctor names what is broken, and goes on past it."""
    told = central(state, "doctor", "--broker-port", "1", "--copies", str(tmp_path))
    lines = {line.split(" ", 1)[1].split(":")[0].strip(): line.split()[0] for line in told.stdout.splitlines()}
    assert told.returncode == 1
    assert (lines["broker"], lines["tables"], lines["clock"], lines["certificate"]) == ("FAULT", "ok", "ok", "ok")
    assert lines["copy"] == lines["stations"] == "look"
