"""The card image as it is, booted in QEMU, seen from outside alone. `make system-test` builds and runs it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from tests.support import machine
from tests.support.library import make_stick
from tests.system import pictures

pytestmark = pytest.mark.system
BOOT_WITHIN = 420.0  # seconds on a busy machine; 2 minutes on a quiet one
STICK_WITHIN = 300.0


def test_a_bare_box_shows_its_welcome_and_a_stick_makes_it_a_station(tmp_path):
    """Plug in the power: a dark screen, the card, the box asks for the stick; put it in: the box has a name.

    Until its first card the box shows nothing at all: no text, no logo, no cursor. The stick has its receipt.
    """
    now = datetime.now(UTC)
    made = make_stick(tmp_path / "made", now=now, not_after=now + timedelta(days=60))
    stick = machine.stick(tmp_path, made.stick)
    card = machine.card(tmp_path, made.root)
    with machine.booted(tmp_path, card, {}) as box:
        box.see("the first card", pictures.card, BOOT_WITHIN, every=0.3, meanwhile=pictures.silent)
        box.see("the welcome", pictures.welcome, BOOT_WITHIN, meanwhile=no_strange_picture)
        box.put_in(stick)
        box.see("the station's name", pictures.named, STICK_WITHIN)
        box.pull_out()
    assert "::/ESTATION/returned/hall-0007/receipt.json" in machine.on_stick(stick)


def no_strange_picture(picture: Image.Image) -> bool:
    """A card of the box's own; nothing, while a player that a busy machine keeps waiting makes way for another."""
    return pictures.card(picture) or pictures.silent(picture)


@pytest.mark.soak
def test_a_box_whose_card_lost_its_records_asks_for_a_stick_and_for_nothing_else(tmp_path):
    """A data partition that is full of nonsense: the box comes up with its welcome all the same, and asks nobody."""
    made = make_stick(tmp_path / "made")
    card = machine.card(tmp_path, made.root)
    machine.spoil_data(card)
    with machine.booted(tmp_path, card, {}) as box:
        box.see("the welcome", pictures.welcome, BOOT_WITHIN)


@pytest.mark.soak
def test_a_system_with_one_wrong_bit_is_not_started(tmp_path):
    """One bit that only the hash can tell: the box begins again, and again, and nothing of that system ever runs."""
    made = make_stick(tmp_path / "made")
    card = machine.card(tmp_path, made.root)
    machine.spoil_system(card)
    with machine.booted(tmp_path, card, {"MORE": "console=ttyAMA0 loglevel=5"}) as box:
        for _ in range(2):
            box.happens("RESET", BOOT_WITHIN, guest=True)
            assert pictures.silent(box.picture())
    told = (tmp_path / "console").read_text(errors="replace")
    assert told.count("estation: system A does not mount - begin again") >= 2
