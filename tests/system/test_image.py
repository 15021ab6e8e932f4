"""The card image as it is, booted in QEMU, seen from outside alone. `make system-test` builds and runs it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support import machine
from tests.support.library import make_stick
from tests.system import pictures

pytestmark = pytest.mark.system
BOOT_WITHIN = 420.0  # seconds on a busy machine; 2 minutes on a quiet one
STICK_WITHIN = 300.0


def test_a_bare_box_shows_its_welcome_and_a_stick_makes_it_a_station(tmp_path):
    """Plug in the power: the box asks for the stick; put it in: the box has a name, and the stick has its receipt."""
    now = datetime.now(UTC)
    made = make_stick(tmp_path / "made", now=now, not_after=now + timedelta(days=60))
    stick = machine.stick(tmp_path, made.stick)
    card = machine.card(tmp_path, made.root)
    with machine.booted(tmp_path, card, {}) as box:
        box.see("the welcome", pictures.welcome, BOOT_WITHIN)
        box.put_in(stick)
        box.see("the station's name", pictures.named, STICK_WITHIN)
        box.pull_out()
    assert "::/ESTATION/returned/hall-0007/receipt.json" in machine.on_stick(stick)


@pytest.mark.soak
def test_a_box_whose_card_lost_its_records_asks_for_a_stick_and_for_nothing_else(tmp_path):
    """A data partition that is full of nonsense: the box comes up with its welcome all the same, and asks nobody."""
    made = make_stick(tmp_path / "made")
    card = machine.card(tmp_path, made.root)
    machine.spoil_data(card)
    with machine.booted(tmp_path, card, {}) as box:
        box.see("the welcome", pictures.welcome, BOOT_WITHIN)
