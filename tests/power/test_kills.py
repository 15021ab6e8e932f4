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
EACH_BOOTS_TWICE = 3  # one kill in so many is followed by another before the card is on the TV
SOON = timedelta(seconds=75)


def killed(folder: Path, kills: int) -> None:
    """Pull the plug so often; each time a stick with new films is in the box, and a session near."""
    chance = random.Random(kills)
    living = Living(folder)
    with living.powered():
        living.join()
        known = living.records()
    for number in range(1, kills + 1):
        living.plan(number, SOON)
        with living.powered() as tv:
            known = back(living, known)
            tv.put_in(living.hall.stick())
            time.sleep(chance.uniform(1.0, 90.0))  # the moment is the test's matter, and no wait
        if number % EACH_BOOTS_TWICE == 0:
            with living.powered():
                time.sleep(chance.uniform(5.0, 40.0))
    with living.powered():
        back(living, known)


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
