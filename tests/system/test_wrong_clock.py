"""A box whose clock is years away: nothing begins by it, and the centre is reached all the same."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estation_box.apps.core import IMAGE_BUILD
from tests.support.hall import film
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, CONNECTED_WITHIN, Office

pytestmark = [pytest.mark.system, pytest.mark.soak]
SECONDS = 16.0
LEAP = timedelta(seconds=60)
DUE = timedelta(minutes=5)


@pytest.mark.parametrize("year", [2021, 2040])
def test_a_wrong_clock_starts_nothing_and_locks_nobody_out(tmp_path: Path, year: int):
    """By the wrong clock a session is due in minutes: it does not begin; then the centre tells the time.

    Nothing is ever dated before the day of the image.
    """
    with ExitStack() as stack:
        office = Office(tmp_path, stack, [film(SECONDS)])
        now = datetime.now(UTC)
        wrong = now.replace(year=year, month=3, day=4)
        due = max(wrong, now) + DUE  # as the box will have it, which believes the stick that it is not earlier
        office.hall.sign(due - (due - now) // timedelta(days=7) * timedelta(days=7))
        office.boot("-rtc", f"base={wrong:%Y-%m-%dT%H:%M:%S}")
        office.tv.see("the welcome", pictures.welcome, BOOT_WITHIN)
        assert max(wrong, IMAGE_BUILD) <= office.box.time() < max(wrong, IMAGE_BUILD) + timedelta(hours=1)
        stick = office.provision()
        office.box.wait("its hour", lambda: believed(office) > due + LEAP, DUE.total_seconds() + CONNECTED_WITHIN, 5.0)
        assert office.box.estation("why")["clock"]["trust"] == "guess"
        office.certify(stick)
        told = office.told.wait("clock.set", CONNECTED_WITHIN)
        assert told["source"] == "network"
        assert abs(datetime.fromisoformat(told["at"]) - datetime.now(UTC)) < LEAP
        assert abs(office.box.time() - datetime.now(UTC)) < LEAP
        before = [each for each in office.box.records() if each["seq"] < told["seq"]]
        assert not [each for each in before if each["kind"] == "session.started"]
        assert {each["trust"] for each in before} == {"guess"}
        assert min(datetime.fromisoformat(each["at"]) for each in before) >= max(wrong, IMAGE_BUILD)
        office.tv.see("the station's card", pictures.card, 60.0)


def believed(office: Office) -> datetime:
    """What core takes the time for, whatever the system's clock says."""
    return datetime.fromisoformat(office.box.estation("status")["health"]["at"])
