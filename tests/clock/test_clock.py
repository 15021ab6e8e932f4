from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from estation_box.clock import rules
from estation_box.clock.service import ClockService
from estation_box.drivers.two_copies import TwoCopies
from estation_box.simulated.system_clock import SimulatedSystemClock
from estation_wire.values import Trust

BUILD = datetime(2026, 6, 1, tzinfo=UTC)
TRUE = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BOOT = "b" * 32


RUNS = count(1)


def clock(system, folder, build=BUILD, runtime=None) -> ClockService:
    """A clock service after a power cut, unless ``runtime`` is the folder of the boot that goes on."""
    kept = TwoCopies(runtime or folder / f"runtime-{next(RUNS)}")
    return ClockService(system, TwoCopies(folder / "clock"), kept, BOOT, build)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_a_box_that_wakes_up_in_1970_begins_at_its_images_build_and_guesses(tmp_path):
    system = SimulatedSystemClock(TRUE, EPOCH)
    box = clock(system, tmp_path)
    assert box.moment() == (BUILD, 20.0, BOOT, Trust.GUESS)
    system.advance(60)
    assert box.moment().at == BUILD + timedelta(seconds=60)


def test_after_a_power_cut_the_clock_goes_on_where_it_was_saved(tmp_path):
    """The clock is saved every ten minutes: a box without a battery is late, and never goes back."""
    system = SimulatedSystemClock(TRUE, EPOCH)
    box = clock(system, tmp_path)
    for _ in range(25):
        system.advance(60)
        box.tend(box.moment())
    again = clock(SimulatedSystemClock(TRUE, EPOCH, up=3.0), tmp_path)
    assert again.moment().at == BUILD + timedelta(minutes=20)
    assert again.moment().trust is Trust.GUESS


def test_the_centres_time_is_the_truth_and_the_step_is_told(tmp_path):
    system = SimulatedSystemClock(TRUE, EPOCH)
    box = clock(system, tmp_path)
    system.advance(100)
    step = box.heard_network(system.true, box.moment())
    assert (step.was, step.source) == (BUILD + timedelta(seconds=100), Trust.NETWORK)
    assert step.now == (system.true, 120.0, BOOT, Trust.NETWORK)
    system.advance(50)
    assert box.moment().at == system.true


def test_truth_that_is_told_again_is_no_step_unless_it_is_another(tmp_path):
    system = SimulatedSystemClock(TRUE, EPOCH)
    box = clock(system, tmp_path)
    box.heard_network(TRUE, box.moment())
    assert box.heard_network(TRUE + timedelta(seconds=5), box.moment()) is None
    assert box.moment().at == TRUE + timedelta(seconds=5)
    assert box.heard_network(TRUE + hours(1), box.moment()).was == TRUE + timedelta(seconds=5)


@pytest.mark.parametrize("seconds", [-86400 * 365, -10, 86400 * 365 * 30])
def test_somebody_who_sets_the_systems_clock_does_not_move_ours(tmp_path, seconds):
    """The box's time runs by the monotonic clock: no step back, no step forward, no session twice."""
    system = SimulatedSystemClock(TRUE, TRUE)
    box = clock(system, tmp_path)
    before = box.moment()
    system.step_wall(seconds)
    system.advance(30)
    box.tend(box.moment())
    assert box.moment().at - before.at == timedelta(seconds=30)


def test_a_synchronised_system_is_followed_and_believed_more_than_the_centre(tmp_path):
    system = SimulatedSystemClock(TRUE, EPOCH)
    box = clock(system, tmp_path)
    assert box.tend(box.moment()) is None
    system.is_synchronised = True
    system.advance(11)
    step = box.tend(box.moment())
    assert (step.now.trust, box.moment().at) == (Trust.NETWORK, system.true)
    system.advance(1)
    box.heard_network(TRUE + hours(5), box.moment())
    assert box.moment().at == system.true
    system.true += hours(2)  # what was taken for the truth is corrected
    system.advance(11)
    assert box.tend(box.moment()).now.at == system.true


def test_the_system_is_set_where_we_may_and_left_alone_where_not(tmp_path):
    for may in (True, False):
        system = SimulatedSystemClock(TRUE, EPOCH)
        system.may_set = may
        box = clock(system, tmp_path / str(may))
        box.heard_network(TRUE, box.moment())
        assert (system.wall() == TRUE) is may


def test_a_system_that_somebody_set_wrong_is_set_right_by_a_box_that_knows_the_time(tmp_path):
    """Certificates are judged by the system's clock: a wrong one would lock the box out of its centre."""
    system = SimulatedSystemClock(TRUE, EPOCH)
    system.may_set = True
    box = clock(system, tmp_path)
    box.tend(box.moment())
    assert system.wall() == EPOCH  # a guess is no better
    box.heard_network(TRUE, box.moment())
    system.step_wall(-86400 * 365)
    system.advance(11)
    box.tend(box.moment())
    assert system.wall() == box.moment().at == TRUE + timedelta(seconds=11)


def test_the_kernel_is_asked_every_ten_seconds(tmp_path):
    system = SimulatedSystemClock(TRUE, EPOCH)
    box = clock(system, tmp_path)
    box.tend(box.moment())
    system.is_synchronised = True
    steps = []
    for _ in range(20):
        system.advance(1)
        steps.append(box.tend(box.moment()))
    assert [second for second, step in enumerate(steps, 1) if step] == [10]


def test_a_signed_time_raises_the_floor_but_not_the_trust(tmp_path):
    system = SimulatedSystemClock(TRUE, EPOCH)
    box = clock(system, tmp_path)
    box.seen_signed(TRUE - hours(5), box.moment())
    assert (box.moment().at, box.moment().trust) == (TRUE - hours(5), Trust.GUESS)
    box.seen_signed(TRUE - hours(9), box.moment())
    assert box.moment().at == TRUE - hours(5)
    assert box.moment().trust is Trust.GUESS
    box.save(box.moment())
    assert clock(SimulatedSystemClock(TRUE, EPOCH), tmp_path).moment().at == TRUE - hours(5)


def test_a_wrong_guess_does_not_hold_every_later_boot(tmp_path):
    """A clock that stood in 2098 for a day was a guess: it is not saved as the earliest time."""
    wrong = SimulatedSystemClock(TRUE, datetime(2098, 1, 1, tzinfo=UTC))
    box = clock(wrong, tmp_path)
    assert box.moment().at.year == 2098
    wrong.advance(700)
    box.tend(box.moment())
    assert clock(SimulatedSystemClock(TRUE, EPOCH), tmp_path).moment().at == BUILD + timedelta(seconds=700)


def test_a_little_before_the_floor_is_the_truth_and_the_clock_waits_there(tmp_path):
    system = SimulatedSystemClock(TRUE, EPOCH)
    box = clock(system, tmp_path, build=TRUE)
    assert box.heard_network(TRUE - timedelta(seconds=30), box.moment()).now.trust is Trust.NETWORK
    assert box.moment().at >= TRUE


def test_years_that_no_clock_can_mean_are_never_read(tmp_path):
    for wall in (datetime(9999, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)):
        assert clock(SimulatedSystemClock(TRUE, wall), tmp_path).moment().at == BUILD
    box = clock(SimulatedSystemClock(TRUE, EPOCH), tmp_path)
    assert box.heard_network(datetime(9999, 1, 1, tzinfo=UTC), box.moment()) is None
    box.seen_signed(datetime(9999, 1, 1, tzinfo=UTC), box.moment())
    assert box.moment().at == BUILD
    assert rules.floor_of(BUILD, None, datetime(9999, 1, 1, tzinfo=UTC)) == BUILD


@pytest.mark.parametrize("document", [b"", b"{", b'{"floor":7}', b'{"floor":"2026-13-01T00:00:00Z"}', b"\xff" * 300])
def test_a_damaged_saved_time_is_none(tmp_path, document):
    TwoCopies(tmp_path / "clock").write(document)
    assert clock(SimulatedSystemClock(TRUE, EPOCH), tmp_path).moment().at == BUILD


def test_a_core_that_was_killed_still_knows_the_time_that_it_was_told(tmp_path):
    """The power did not fail, so what the centre said of the time holds; after a power cut it is a guess again."""
    system = SimulatedSystemClock(TRUE, EPOCH)
    before = clock(system, tmp_path, runtime=tmp_path / "run")
    before.heard_network(TRUE, before.moment())
    after = clock(system, tmp_path, runtime=tmp_path / "run").moment()
    assert (after.trust, after.at) == (Trust.NETWORK, before.moment().at)
    assert clock(SimulatedSystemClock(TRUE, EPOCH), tmp_path).moment().trust is Trust.GUESS


def test_a_time_that_cannot_be_saved_stops_nothing(tmp_path, caplog):
    class BrokenCard:
        def read(self):
            raise OSError(errno.EIO, "input/output error")

        def write(self, _data):
            raise OSError(errno.ENOSPC, "no space left")

    box = ClockService(SimulatedSystemClock(TRUE, TRUE), BrokenCard(), BrokenCard(), BOOT, BUILD)
    box.save(box.moment())
    assert "not saved" in caplog.text
