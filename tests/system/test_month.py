"""A hall without any network: a month later its report comes home by stick, and is counted once."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estation_wire import stick as layout
from estation_wire.profile import Minimum
from scripts.demo.centre import STATION
from tests.support.hall import film
from tests.system import pictures
from tests.system.office import BOOT_WITHIN, STICK_WITHIN, Office, press_for

pytestmark = [pytest.mark.system, pytest.mark.soak]
SECONDS = 16.0
MONTH = timedelta(days=30)


def showing(office: Office) -> None:
    """Somebody presses the button and looks to the end."""
    press_for(office.tv, office.box, office.films[0])
    office.tv.see("the card after it", pictures.card, SECONDS + 60.0, every=0.5)
    office.box.record("session.ended", 60.0, reason="completed")


def reported(office: Office) -> list[Path]:
    """The letters on the stick's content."""
    return sorted((office.hall.content / layout.reports(STATION)).glob("*.report"))


def test_a_month_without_network_comes_home_by_stick(tmp_path: Path):
    """Two sessions a month apart, the power away in between: the centre has both, and the next stick clears the box."""
    with ExitStack() as stack:
        office = Office(tmp_path, stack, [film(SECONDS)], minimum=Minimum(sessions=1, seconds=10))
        office.boot(network="restrict=on")
        first = office.provision()
        office.box.record("stick.seen", STICK_WITHIN, taken=1)
        office.box.press()  # the check code was seen
        office.box.press()  # the stick's time is offered, and the keeper believes it
        assert office.box.record("clock.set", 60.0)["source"] == "stick"
        office.certify(first)
        office.box.record("stick.seen", STICK_WITHIN, taken=0)
        office.tv.pull_out()
        showing(office)
        office.cut()

        later = datetime.now(UTC) + MONTH
        office.boot("-rtc", f"base={later:%Y-%m-%dT%H:%M:%S}", network="restrict=on")
        office.tv.see("a card", pictures.card, BOOT_WITHIN)
        office.box.listens(STICK_WITHIN)
        showing(office)
        ended = [each for each in office.box.records() if each["kind"] == "session.ended"]
        apart = datetime.fromisoformat(ended[-1]["at"]) - datetime.fromisoformat(ended[0]["at"])
        assert abs(apart - MONTH) < timedelta(minutes=30), apart
        assert ended[-1]["trust"] == "rtc"

        carried = carry(office)
        assert reported(office), "no report is on the stick"
        records = [each for each in office.box.records() if each["seq"] <= carried]
        office.centre.command("take-reports", str(office.hall.content))
        assert office.told.records() == records
        assert not reported(office)

        assert carry(office) > carried
        office.box.wait("what the stick says the centre has", lambda: cleared(office, carried), STICK_WITHIN, 5.0)
        office.centre.command("take-reports", str(office.hall.content))
        numbers = [each["seq"] for each in office.told.records()]
        assert numbers == list(range(1, len(numbers) + 1))


def carry(office: Office) -> int:
    """A stick goes in, is read, and comes back to the office; the newest record that went along."""
    last = office.box.records()[-1]["seq"]
    stick = office.hall.stick()
    office.tv.put_in(stick)
    office.box.wait("the stick in the journal", lambda: office.box.records()[-1]["seq"] > last, STICK_WITHIN)
    office.tv.pull_out()
    office.hall.take_back(stick)
    return last


def cleared(office: Office, carried: int) -> bool:
    """Whether the box holds nothing for the centre any more that it ``carried`` there."""
    undelivered = office.box.estation("status")["health"]["undelivered"]
    return undelivered <= office.box.records()[-1]["seq"] - carried
