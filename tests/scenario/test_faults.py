"""What goes wrong in a hall with the board; without it: `make bench ID=fault-matrix`, and for hours the soak here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from estation_wire import supervisor_words as words
from estation_wire.supervisor_frame import Decoder
from tests.bench.fault_matrix import BROKEN_FIRST, FAULTS, LATER, NAMES, Hall, hall, measure
from tests.scenario.loop import wait_for
from tests.support.supervisor_line import OnMicroPython, Running

SEED = 20261126
SOAK_TIMES = 50


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Hall]:
    with hall(tmp_path, SEED) as running:
        yield running


@pytest.fixture
def supervisor() -> Iterator[OnMicroPython]:
    running = Running(OnMicroPython())
    yield running.board
    running.close()


@pytest.fixture
def guarded(tmp_path: Path, supervisor: OnMicroPython) -> Iterator[Hall]:
    """A box with the carrier board: its supervisor is the real program, on MicroPython, at a serial line."""
    with hall(tmp_path, SEED, supervisor.port) as running:
        yield running


def judge(found) -> None:
    for one in found:
        assert one.back <= (LATER if one.fault == BROKEN_FIRST else FAULTS[one.fault].bar), one
        assert one.resumed, one
        assert one.boots == (one.fault == "crash-loop"), one


@pytest.mark.screen
@pytest.mark.timeout(240)
def test_with_the_board_it_is_the_same_and_nobody_cuts(guarded, supervisor):
    """The supervisor is greeted, told its times and hears that a film plays; a dead player is none of its business."""
    judge(measure(guarded, ["player-crash"], 1))

    def heard() -> list[tuple[int, bytes]]:
        return [(frame.kind, frame.payload[:1]) for frame in Decoder().feed(bytes(supervisor.carried))]

    wait_for(lambda: (words.BEAT, bytes([words.HEALTH_PLAYING])) in heard(), 30, "a beat of a film")
    assert {words.HELLO, words.PARAMETERS} <= {kind for kind, _ in heard()}
    assert supervisor.cuts() == 0


@pytest.mark.soak
def test_soak_of_fifty_of_each(box):
    """The same for a day, with other moments."""
    judge(measure(box, NAMES, SOAK_TIMES))
