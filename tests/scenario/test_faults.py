"""What goes wrong in a hall, for real: a sample here, all in `make bench ID=fault-matrix`, for hours in the soak."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.fault_matrix import BROKEN_FIRST, FAULTS, LATER, NAMES, Hall, hall, measure

SEED = 20261126
SOAK_TIMES = 50


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Hall]:
    with hall(tmp_path, SEED) as running:
        yield running


def judge(found) -> None:
    for one in found:
        assert one.back <= (LATER if one.fault == BROKEN_FIRST else FAULTS[one.fault].bar), one
        assert one.resumed, one
        assert one.boots == (one.fault == "crash-loop"), one


@pytest.mark.screen
@pytest.mark.timeout(180)
def test_a_hung_player_costs_seconds_and_is_reported(box):
    """The same film goes on by itself; the office hears what it was."""
    judge(measure(box, ["player-hang"], 1))


@pytest.mark.soak
def test_soak_of_fifty_of_each(box):
    """The same for a day, with other moments."""
    judge(measure(box, NAMES, SOAK_TIMES))
