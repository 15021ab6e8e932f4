"""The card image in QEMU: the power goes at hundreds of points of some minutes of its life."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.power.recording import record
from tests.support.cut_series import judge_all

pytestmark = [pytest.mark.system, pytest.mark.root, pytest.mark.soak, pytest.mark.timeout(3600)]
SECONDS = 120.0  # one visit of a stick with its session; the long form, `make bench ID=power-cuts`, has 20 minutes
CUTS = 300


def test_whenever_the_plug_is_pulled_the_box_comes_up_by_itself_with_all_that_was_recorded(memory: Path):
    """No record that the centre heard of, or that a flush made safe, is lost; none is doubled; no film is corrupt."""
    made = record(memory / "recording", SECONDS)
    assert made.sessions
    assert made.promises[-1].records > 5
    folder = memory / "recording"
    tally = judge_all(folder / "before", folder / "log", made.span, CUTS, memory, life=made.life(folder))
    assert tally.cuts == CUTS
    assert not tally.short, "\n".join(tally.words)
    assert tally.records > 5
