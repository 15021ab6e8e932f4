"""One suite for the button on a pin (gpiozero, on the mock pins that it brings) and for its simulated twin."""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty, Queue

import pytest
from gpiozero.pins.mock import MockFactory

from estation_box.drivers.gpio import ButtonError, GpioButton
from estation_box.guarding.button import APART_SECONDS, DOUBLE_SECONDS, Contact
from estation_box.programme.courtesy import Press
from estation_box.simulated.button import SimulatedButton

PIN, LONG = 17, 0.3  # seconds: a short «long» keeps the suite short
WITHIN_SECONDS = 5.0


class PinFinger:
    """A finger on the button of the pin: the mock pin is drawn to ground, for a real while."""

    def __init__(self, factory: MockFactory) -> None:
        self._pin = factory.pin(PIN)

    def hold(self, seconds: float) -> None:
        self._pin.drive_low()
        time.sleep(seconds)
        self._pin.drive_high()

    def rest(self, seconds: float) -> None:
        time.sleep(seconds)


@pytest.fixture
def heard() -> Queue[Press]:
    return Queue()


@pytest.fixture(params=["gpiozero", "simulated"])
def finger(request, heard) -> Iterator[PinFinger | SimulatedButton]:
    if request.param == "simulated":
        with SimulatedButton(heard.put, long_seconds=LONG) as button:
            yield button
        return
    factory = MockFactory()
    with GpioButton(PIN, heard.put, factory=factory, long_seconds=LONG):
        yield PinFinger(factory)
    factory.close()


def told(heard: Queue[Press]) -> Press:
    return heard.get(timeout=WITHIN_SECONDS)


def nothing_more(heard: Queue[Press]) -> bool:
    try:
        heard.get(timeout=0.1)
    except Empty:
        return True
    return False


def test_a_touch_is_a_short_press(finger, heard):
    """Press and let go: one short press."""
    finger.hold(0.08)
    assert told(heard) is Press.SHORT
    assert nothing_more(heard)


def test_a_finger_that_stays_is_one_long_press_told_while_it_is_there(finger, heard):
    """Held long enough it is long, once, and letting go says nothing more."""
    finger.hold(LONG + 0.2)
    assert told(heard) is Press.LONG
    assert nothing_more(heard)


def test_a_chattering_contact_is_no_press(finger, heard):
    """A spark on the cable starts nothing."""
    finger.hold(0.0)
    assert nothing_more(heard)


def test_two_presses_are_two(finger, heard):
    """Who presses twice is heard twice."""
    for _ in range(2):
        finger.hold(0.08)
        finger.rest(DOUBLE_SECONDS + 0.1)
    assert [told(heard), told(heard)] == [Press.SHORT, Press.SHORT]


def test_two_quick_presses_are_told_as_a_double_one_and_the_first_is_not_kept_waiting(finger, heard):
    """The first is heard at once; the second one makes it double; a third begins anew."""
    for _ in range(3):
        finger.hold(0.08)
        finger.rest(APART_SECONDS)
    assert [told(heard), told(heard), told(heard)] == [Press.SHORT, Press.DOUBLE, Press.SHORT]


def test_a_child_that_drums_on_it_does_not_drown_the_box(finger, heard):
    """However fast it is pressed, core hears of four presses a second at most."""
    for _ in range(6):
        finger.hold(0.04)
        finger.rest(0.01)
    assert told(heard) is Press.SHORT
    assert heard.qsize() <= 1


def test_a_pin_that_does_not_exist_is_named():
    """A wrong number in the settings is told in words."""
    with pytest.raises(ButtonError, match="GPIO 99"):
        GpioButton(99, lambda _: None, factory=MockFactory())


def test_a_finger_that_was_there_before_the_box_woke_is_no_press():
    """Letting go of a button that nobody saw being pressed means nothing."""
    contact = Contact()
    assert contact.opened(1.0) is None
    assert contact.held(2.0) is None


def test_a_late_timer_does_not_make_a_long_press_short():
    """Where the box was busy while the finger stayed, letting go still tells a long press."""
    contact = Contact()
    contact.closed(10.0)
    contact.closed(10.5)
    assert contact.held(11.0) is None
    assert contact.opened(12.0) is Press.LONG
