"""The plug of a box in QEMU is pulled, really, and put in again: at any moment, also in the midst of coming up.

QEMU is killed; what the box had written by then is on its card, whole and in order. Torn and reordered writes are what
`test_cuts` is for.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.power.recording import Living
from tests.system import pictures
from tests.system.office import BOOT_WITHIN

pytestmark = [pytest.mark.system, pytest.mark.timeout(3600)]
KILLS = 5
KILLS_IN_SOAK = 10
LIVED = (1.0, 60.0)  # seconds after a stick went in: it is read, its session begins
COMING_UP = (5.0, 40.0)  # seconds after the plug went in: kernel, systemd, the card, core
SOON = timedelta(seconds=75)


def killed(folder: Path, kills: int) -> None:
    """Pull the plug so often: each odd time with new films on a stick in the box and a session near, else in a boot."""
    chance = random.Random(kills)
    living = Living(folder)
    with living.powered():
        living.join()
        known = living.records()
        lived(living, 1, chance)
    for number in range(2, kills + 1):
        with living.powered():
            if number % 2:
                known = back(living, known)
                lived(living, number, chance)
            else:
                time.sleep(chance.uniform(*COMING_UP))
    with living.powered():
        back(living, known)


def lived(living: Living, number: int, chance: random.Random) -> None:
    """A stick goes in, and some seconds pass."""
    living.plan(number, SOON)
    living.tv.put_in(living.hall.stick())
    time.sleep(chance.uniform(*LIVED))  # the moment is the test's matter, and no wait


def back(living: Living, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The box comes up with its card and tells of it; its journal, which still has everything and no gap."""
    living.tv.see("a card", pictures.card, BOOT_WITHIN)
    living.wait("boot", boots(known) + 1, BOOT_WITHIN)
    records = living.records()
    assert records[: len(known)] == known
    assert [each["seq"] for each in records] == list(range(1, len(records) + 1))
    return records


def boots(records: list[dict[str, Any]]) -> int:
    return sum(each["kind"] == "boot" for each in records)


def test_a_box_whose_plug_is_pulled_five_times_comes_back_with_every_record(tmp_path: Path):
    """While a stick is read, a session runs, or it just comes up: the card is back, the journal has no gap."""
    killed(tmp_path, KILLS)


@pytest.mark.soak
def test_the_same_ten_times(tmp_path: Path):
    """The long form, at other moments."""
    killed(tmp_path, KILLS_IN_SOAK)
