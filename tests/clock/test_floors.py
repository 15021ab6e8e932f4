"""The two floors: a time that was wrong by years, from whomever, does not lock the truth out for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from estation_box.clock import rules
from estation_wire.values import Trust
from tests.clock.hall_clock import BUILD, TRUE, HallClock, hours

WRONG = datetime(2041, 1, 1, tzinfo=UTC)


@pytest.fixture
def hall(tmp_path) -> HallClock:
    return HallClock(tmp_path)


def by_a_stick(hall: HallClock) -> None:
    hall.offer(WRONG)


def by_the_keeper(hall: HallClock) -> None:
    hall.by_hand(WRONG)


def by_a_time_server(hall: HallClock) -> None:
    hall.system.true, right = WRONG, hall.system.true
    hall.system.is_synchronised = True
    hall.run(10)
    hall.system.true = right
    hall.system.is_synchronised = False


@pytest.mark.parametrize("wrong", [by_a_stick, by_the_keeper, by_a_time_server])
@pytest.mark.parametrize("cuts", [0, 1, 3])
def test_the_centre_brings_back_a_box_that_stood_in_the_future(hall, wrong, cuts):
    """Somebody's clock was wrong by years, and it was saved: the centre's own word is the truth again, for good."""
    wrong(hall)
    for _ in range(cuts):
        hall.run(700)
        hall.cut()
    assert hall.now >= WRONG
    step = hall.hear(hall.system.true)
    assert (step.source, hall.now, hall.trust) == (Trust.NETWORK, hall.system.true, Trust.NETWORK)
    told = hall.now
    hall.cut()
    assert hall.now == told


@pytest.mark.parametrize("cuts", [0, 1])
def test_a_time_server_is_not_believed_below_the_floor(hall, cuts, caplog):
    """Nobody vouches for it: whoever stands in the way could turn the box back. It is said once."""
    by_a_stick(hall)
    for _ in range(cuts):
        hall.run(700)
        hall.cut()
    hall.system.is_synchronised = True
    assert hall.run(100) == []
    assert hall.trust is Trust.GUESS
    assert caplog.text.count("not believed") == 1


def test_where_the_time_server_is_below_the_floor_the_centre_decides(hall):
    """Both say the same, and the centre vouches for it; afterwards the server is believed too."""
    by_a_stick(hall)
    hall.system.is_synchronised = True
    hall.run(10)
    assert hall.hear(hall.system.true + timedelta(seconds=2)).now.at == hall.system.true
    hall.run(100)
    assert (hall.now, hall.trust) == (hall.system.true, Trust.NETWORK)
    assert hall.by_hand(TRUE + hours(2)) is rules.Refusal.KNOWN


def test_a_time_server_far_below_the_floor_is_not_vouched_for_by_a_centre_that_differs(hall):
    hall.box.seen_signed(TRUE - hours(1), hall.box.moment())
    hall.system.true = BUILD
    hall.system.is_synchronised = True
    assert hall.hear(TRUE).now.at == TRUE
    hall.run(60)
    assert hall.now == TRUE + timedelta(seconds=60)


def test_even_the_centre_is_not_believed_below_what_it_has_proven(hall):
    """A centre whose own clock has fallen back to its beginning does not take the boxes along."""
    hall.hear(TRUE)
    hall.run(1300)
    hall.cut()
    assert hall.hear(TRUE - hours(24)) is None
    assert hall.hear(BUILD - hours(24)) is None
    assert hall.trust is Trust.GUESS
    assert hall.hear(hall.system.true).now.trust is Trust.NETWORK


def test_the_centre_may_set_itself_right_in_the_same_boot(hall):
    hall.hear(WRONG)
    hall.run(1300)
    assert hall.hear(TRUE).now.at == TRUE
    hall.cut()
    assert hall.hear(TRUE + hours(1)).now.at == TRUE + hours(1)


def test_what_is_proven_runs_on_with_the_time_and_never_ahead_of_it(hall):
    """A box that is connected for three months keeps a proven floor close behind the truth."""
    hall.hear(TRUE)
    start = hall.box.moment().up
    hall.system.advance(86400.0 * 90)
    proven = rules.proven_at(hall.box._reading, start + 86400.0 * 90)
    assert timedelta(minutes=20) < hall.now - proven < timedelta(minutes=30)


def test_a_signed_time_in_the_future_does_not_move_a_clock_that_the_centre_keeps(hall):
    """Whoever published had a wrong clock; the programme goes on by the right one."""
    hall.hear(TRUE)
    hall.box.seen_signed(WRONG, hall.box.moment())
    assert hall.now == TRUE
    hall.cut()
    assert hall.now == TRUE
    hall.hear(TRUE)
    hall.box.seen_signed(TRUE - hours(1), hall.box.moment())  # an honest one still raises the floor
    assert hall.box._reading.floor == TRUE


def test_a_signed_time_corrects_a_time_server_that_is_late(hall):
    hall.system.is_synchronised = True
    hall.system.true = BUILD + hours(1)
    hall.run(10)
    hall.box.seen_signed(TRUE, hall.box.moment())
    assert hall.now == TRUE
    assert hall.run(60) == []


def test_years_that_no_clock_can_mean_are_refused_from_everybody(hall):
    far = datetime(9999, 12, 31, tzinfo=UTC)
    assert hall.hear(far) is None
    hall.system.is_synchronised = True
    assert hall.hear(far - hours(1)) is None
    hall.system.true = far
    assert hall.run(10) == []
