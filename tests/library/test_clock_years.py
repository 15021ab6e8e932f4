"""What year a box believes it is, and what it takes of a stick then: with the network's word for it, and without."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from estation_box.library import said
from estation_box.library.trust import NO_TIME
from tests.support.library import NOW, Made
from tests.support.sync_box import Box

YEARS = {
    "1970": datetime(1970, 1, 1, 0, 1, tzinfo=UTC),
    "before the library": datetime(2020, 2, 29, tzinfo=UTC),
    "right": NOW,
    "all expired": datetime(2036, 6, 1, tzinfo=UTC),
    "2040": datetime(2040, 1, 1, tzinfo=UTC),
}
EXPIRED = {"all expired", "2040"}


@pytest.mark.parametrize("network", [False, True], ids=["clock alone", "network time"])
@pytest.mark.parametrize("year", YEARS)
def test_what_a_bare_box_takes_in_that_year(made: Made, box: Box, year: str, *, network: bool):
    """A clock that nobody vouches for stops no stick; where the network says that it is over, it is refused."""
    now = YEARS[year]
    synced = box.visit(made.stick, now=now, floor=now if network else NO_TIME)
    if network and year in EXPIRED:
        assert said.EXPIRED.zh in synced.reasons
        assert (box.profile, box.held()) == (None, set())
    else:
        assert (synced.refused, synced.provisioned) == (0, True)
        assert box.profile.station == "hall-0007"
        assert set(made.published.contents.values()) == box.held()
    again = box.visit(made.stick, now=NOW, floor=NOW)  # the clock is right again: nothing is left of the wrong year
    assert (again.refused, box.profile.station) == (0, "hall-0007")
    assert set(made.published.contents.values()) == box.held()


@pytest.mark.parametrize("year", YEARS)
def test_what_is_held_is_kept_whatever_the_year(made: Made, box: Box, year: str):
    """A station that has its programmes keeps them, also where the network says 1970 or 2040."""
    box.visit(made.stick)
    held = box.held()
    now = YEARS[year]
    synced = box.visit(made.stick, now=now, floor=now)
    assert synced.reasons == ((said.EXPIRED.zh,) if year in EXPIRED else ())
    assert box.held() == held
    assert box.profile.station == "hall-0007"
    box.daily(now)
    assert box.held() == held
