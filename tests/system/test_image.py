"""The card image, booted in QEMU, seen from outside as a hall sees it. `make system-test` builds and runs it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PIL import Image

from estation_box.playout import cards
from tests.support import machine
from tests.support.library import make_stick

pytestmark = pytest.mark.system
BOOT_WITHIN = 420.0  # seconds on a busy machine; 2 minutes on a quiet one
STICK_WITHIN = 300.0


def colour(ass: str) -> tuple[int, int, int]:
    blue, green, red = (int(ass[at : at + 2], 16) for at in (2, 4, 6))
    return red, green, blue


def near(picture: Image.Image, at: tuple[int, int], ass: str) -> bool:
    return all(abs(one - other) <= 6 for one, other in zip(picture.getpixel(at), colour(ass), strict=True))


def welcome(picture: Image.Image) -> bool:
    """The ring round the button is amber, the words beside it are not yet about anything else."""
    ring, ground = (250, 265), (30, 30)
    return picture.size == (1280, 720) and near(picture, ground, cards._NIGHT) and near(picture, ring, cards._AMBER)


def named(picture: Image.Image) -> bool:
    """The card that says the box's new name: a green bar at its left, and no ring any more."""
    return near(picture, (101, 300), cards._JADE) and not near(picture, (250, 265), cards._AMBER)


def test_a_bare_box_shows_its_welcome_and_a_stick_makes_it_a_station(tmp_path):
    """Plug in the power: the box asks for the stick; put it in: the box has a name, and the stick has its receipt."""
    made = make_stick(tmp_path / "made", now=datetime.now(UTC))
    stick = machine.stick(tmp_path, made.stick)
    card = machine.card(tmp_path, made.root)
    with machine.booted(tmp_path, card, {}) as box:
        box.see("the welcome", welcome, BOOT_WITHIN)
        box.put_in(stick)
        box.see("the station's name", named, STICK_WITHIN)
        box.pull_out()
    assert "::/ESTATION/returned/hall-0007/receipt.json" in machine.on_stick(stick)


def test_a_box_whose_card_lost_its_records_asks_for_a_stick_and_for_nothing_else(tmp_path):
    """A data partition that is full of nonsense: the box comes up with its welcome all the same, and asks nobody."""
    made = make_stick(tmp_path / "made", now=datetime.now(UTC), videos=2)
    card = machine.card(tmp_path, made.root)
    machine.spoil_data(card)
    with machine.booted(tmp_path, card, {}) as box:
        box.see("the welcome", welcome, BOOT_WITHIN)
