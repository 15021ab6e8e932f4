from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from estation_box.clock.service import ClockService, ClockStep, Refusal, Saved
from estation_box.drivers.two_copies import TwoCopies
from estation_wire.values import Trust
from tests.clock.hall_clock import BUILD, EPOCH, TRUE, HallClock, hours

KASHGAR = datetime.fromisoformat("2026-11-24T14:00:00+08:00")  # TRUE, as a keeper in Kashgar reads it from the wall


@pytest.fixture
def hall(tmp_path: Path) -> HallClock:
    return HallClock(tmp_path)


@pytest.fixture
def fitted(tmp_path: Path) -> HallClock:
    """A box with an RTC."""
    return HallClock(tmp_path, fitted=True)


def test_the_keeper_sets_the_clock_and_the_step_is_told(hall):
    """What the keeper says is the time from now on, and earlier records of this boot are dated by it."""
    hall.run(100)
    step = hall.by_hand(KASHGAR)
    assert step == ClockStep(BUILD + timedelta(seconds=100), hall.box.moment(), Trust.HAND)
    assert (hall.now, hall.now.tzinfo, hall.trust) == (TRUE, UTC, Trust.HAND)
    hall.run(50)
    assert hall.now == TRUE + timedelta(seconds=50)


def test_the_keeper_may_set_it_right_again(hall):
    """Whoever mistook the year sets it right in the same boot, even after it was saved."""
    hall.by_hand(TRUE + hours(24 * 365))
    hall.run(1300)
    assert isinstance(hall.by_hand(TRUE), ClockStep)
    assert hall.now == TRUE
    hall.cut()
    assert hall.now == TRUE


@pytest.mark.parametrize(
    ("instant", "why"),
    [
        (BUILD - hours(24), Refusal.EARLY),
        (EPOCH, Refusal.EARLY),
        (datetime(9999, 1, 1, tzinfo=UTC), Refusal.FAR),
        (datetime(1, 1, 1, tzinfo=UTC), Refusal.FAR),
        (TRUE.replace(tzinfo=None), Refusal.NO_ZONE),
    ],
)
def test_a_time_that_cannot_be_is_not_taken_from_the_keeper(hall, instant, why):
    before = hall.box.moment()
    assert hall.by_hand(instant) is why
    assert hall.box.moment() == before
    assert len(str(why)) > 20  # words for the keeper


def test_the_keeper_need_not_be_exact_to_the_second(hall):
    hall.offer(TRUE)
    assert isinstance(hall.by_hand(TRUE - timedelta(seconds=40)), ClockStep)
    assert hall.now == TRUE


def test_a_clock_that_the_network_keeps_is_not_set_by_hand(hall):
    hall.hear(TRUE)
    assert hall.by_hand(TRUE + hours(1)) is Refusal.KNOWN
    assert hall.now == TRUE


def test_a_sticks_time_is_offered_and_runs_on_until_the_keeper_presses(hall):
    """The card shows the stick's time, ticking; one press, and the box believes it."""
    hall.offer(TRUE)
    assert (hall.offered, hall.trust) == (TRUE, Trust.GUESS)
    hall.run(60)
    assert hall.offered == TRUE + timedelta(seconds=60)
    step = hall.confirm()
    assert (step.source, step.now.at, step.now.trust) == (Trust.STICK, TRUE + timedelta(seconds=60), Trust.STICK)
    assert (hall.offered, hall.confirm()) == (None, None)


def test_an_offer_that_nobody_takes_only_raises_the_floor(hall):
    hall.offer(TRUE)
    hall.run(120)
    assert (hall.offered, hall.confirm(), hall.trust) == (None, None, Trust.GUESS)
    assert hall.now == TRUE + timedelta(seconds=120)
    hall.cut()
    assert (hall.now, hall.trust) == (TRUE, Trust.GUESS)


def test_the_floor_that_a_stick_raised_runs_on_and_is_saved(hall):
    hall.offer(TRUE)
    hall.run(600)
    hall.cut()
    assert (hall.now, hall.trust) == (TRUE + timedelta(seconds=600), Trust.GUESS)


def test_an_old_stick_is_not_offered(hall):
    """A stick of last week, while it is certainly later already; nor does it take a newer stick's place."""
    hall.offer(TRUE)
    hall.offer(TRUE - hours(24 * 7))
    assert hall.offered == TRUE
    hall.box.seen_signed(TRUE + hours(5), hall.box.moment())
    assert hall.offered is None
    hall.offer(datetime(9999, 1, 1, tzinfo=UTC))
    assert hall.offered is None


def test_a_wrong_guess_does_not_hide_what_the_stick_says(tmp_path):
    """The machine's clock stood in 2098; the stick's time is offered all the same, and one press sets it right."""
    hall = HallClock(tmp_path)
    hall.system.step_wall((datetime(2098, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())
    hall.cut()
    hall.system.step_wall((datetime(2098, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())
    hall._boots += 1
    hall._start()
    assert hall.now.year == 2098
    hall.offer(TRUE)
    assert hall.confirm().now.at == TRUE == hall.now


@pytest.mark.parametrize("way", ["hear", "by_hand"])
def test_nothing_is_offered_to_a_box_that_knows_better(hall, way):
    getattr(hall, way)(TRUE)
    hall.offer(TRUE + hours(1))
    assert (hall.offered, hall.confirm()) == (None, None)


def know(hall: HallClock, trust: Trust) -> None:
    """Let the box come to know the time in that way."""
    if trust is Trust.NETWORK:
        hall.hear(TRUE)
    elif trust is Trust.HAND:
        hall.by_hand(TRUE)
    else:
        hall.offer(TRUE)
        if trust is not Trust.GUESS:
            hall.confirm()
        if trust is Trust.RTC:
            hall.cut()


@pytest.mark.parametrize("trust", Trust)
def test_a_killed_core_keeps_what_its_boot_has_learnt(fitted, trust):
    """The power did not fail: whoever told the time, it holds."""
    know(fitted, trust)
    fitted.run(100)
    before = fitted.box.moment()
    fitted.kill()
    assert fitted.box.moment() == before
    assert fitted.trust is trust


def test_a_core_that_is_killed_every_nine_minutes_saves_the_time_all_the_same(hall):
    for _ in range(10):
        hall.run(540)
        hall.kill()
    hall.run(10)
    hall.cut()
    assert hall.now == BUILD + timedelta(seconds=5410)


@pytest.mark.parametrize("trust", [Trust.NETWORK, Trust.STICK, Trust.HAND])
def test_without_an_rtc_a_power_cut_makes_it_a_guess(hall, trust):
    """Nobody can say how long it was dark; but it is not earlier than it was."""
    know(hall, trust)
    hall.cut(hours(10).total_seconds())
    assert (hall.trust, hall.now) == (Trust.GUESS, TRUE)


@pytest.mark.parametrize("trust", [Trust.NETWORK, Trust.STICK, Trust.HAND])
def test_with_an_rtc_the_time_outlives_the_power(fitted, trust):
    know(fitted, trust)
    fitted.cut(hours(24 * 60).total_seconds())
    assert (fitted.trust, fitted.now) == (Trust.RTC, TRUE + hours(24 * 60))
    assert fitted.system.wall() == fitted.now  # and the system is told
    fitted.cut(hours(1).total_seconds())
    assert (fitted.trust, fitted.now) == (Trust.RTC, TRUE + hours(24 * 60 + 1))


def test_an_rtc_that_this_box_has_not_set_is_not_believed(fitted):
    """A spare board whose clock was set elsewhere, or by a guess."""
    fitted.rtc.set(TRUE)
    fitted.cut()
    assert (fitted.trust, fitted.now) == (Trust.GUESS, BUILD)


def test_an_rtc_with_a_flat_battery_is_not_believed_again_until_this_box_has_set_it(fitted):
    fitted.by_hand(TRUE)
    fitted.rtc.battery_holds = False
    fitted.cut()
    assert (fitted.trust, fitted.now) == (Trust.GUESS, TRUE)
    fitted.rtc.battery_holds = True
    fitted.rtc.set(TRUE + hours(5))  # somebody else
    fitted.cut()
    assert fitted.trust is Trust.GUESS
    fitted.by_hand(TRUE + hours(1))
    fitted.cut()
    assert fitted.trust is Trust.RTC


@pytest.mark.parametrize("seconds", [-hours(24).total_seconds(), hours(24 * 365 * 2000).total_seconds()])
def test_an_rtc_that_has_gone_mad_is_not_believed(fitted, seconds):
    """Below the floor, or in a year that no clock can mean."""
    fitted.hear(TRUE)
    fitted.rtc.run_wrong(seconds)
    fitted.cut()
    assert (fitted.trust, fitted.now) == (Trust.GUESS, TRUE)


def test_an_rtc_a_little_behind_the_floor_is_believed_and_the_clock_waits_there(fitted):
    """The board's own quartz ran ahead of the RTC for months: a short power cut does not cost the time."""
    fitted.by_hand(TRUE)
    fitted.rtc.run_wrong(-300)
    fitted.cut()
    assert (fitted.trust, fitted.now) == (Trust.RTC, TRUE)


def test_an_rtc_that_cannot_be_set_any_more_is_not_believed(fitted):
    fitted.by_hand(TRUE + hours(24 * 365))
    fitted.rtc.fitted = False  # a loose contact
    fitted.hear(TRUE)
    fitted.rtc.fitted = True
    fitted.cut()
    assert (fitted.trust, fitted.now) == (Trust.GUESS, TRUE)


def test_the_clock_does_without_an_rtc_of_any_kind(tmp_path):
    """A board for which none was ever fitted."""
    hall = HallClock(tmp_path)
    documents = TwoCopies(tmp_path / "other"), TwoCopies(tmp_path / "kept")
    box = ClockService(hall.system, *documents, "0" * 32, BUILD)
    assert box.heard_network(TRUE, box.moment()).now.at == TRUE


def test_the_network_sets_the_rtc_every_day(fitted):
    fitted.hear(TRUE)
    fitted.rtc.run_wrong(30)
    fitted.run(hours(23.9).total_seconds(), step=60)
    assert fitted.rtc.read() - fitted.now > timedelta(seconds=28)
    fitted.run(hours(0.2).total_seconds(), step=60)
    assert abs(fitted.rtc.read() - fitted.now) <= timedelta(seconds=1)


def test_a_core_that_takes_over_sets_the_rtc_and_a_guess_never_does(fitted):
    fitted.run(60)
    assert fitted.rtc.read() is None
    fitted.hear(TRUE)
    fitted.rtc.run_wrong(30)
    fitted.kill()
    fitted.run(20)
    assert abs(fitted.rtc.read() - fitted.now) <= timedelta(seconds=1)


@pytest.mark.parametrize("trust", [Trust.RTC, Trust.STICK, Trust.HAND, Trust.GUESS])
@pytest.mark.parametrize("way", ["the centre", "the system"])
def test_the_network_replaces_whatever_was_believed(fitted, trust, way):
    """Also where the keeper was an hour ahead: the truth may go back to what is certain."""
    know(fitted, trust)
    if trust is Trust.HAND:
        fitted.by_hand(fitted.system.true + hours(1))
    if way == "the centre":
        step = fitted.hear(fitted.system.true)
    else:
        fitted.system.is_synchronised = True
        (step,) = fitted.run(10)
    assert (step.source, fitted.trust, fitted.now) == (Trust.NETWORK, Trust.NETWORK, fitted.system.true)


def test_a_saved_time_of_an_older_firmware_is_read(tmp_path):
    TwoCopies(tmp_path / "clock").write(b'{"floor":"2026-11-24T06:00:00Z"}')
    hall = HallClock(tmp_path, fitted=True)
    assert (hall.now, hall.trust) == (TRUE, Trust.GUESS)
    assert hall.hear(BUILD + hours(1)).now.at == BUILD + hours(1)
    assert Saved(TRUE) == Saved(TRUE, None, rtc=False)
