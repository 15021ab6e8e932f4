"""The light beside the button, on the pins that gpiozero brings for tests, and what a box says with it."""

from __future__ import annotations

import time

import pytest
from gpiozero.pins.mock import MockFactory

from estation_box.drivers.gpio import ButtonError, GpioLight
from estation_box.guarding.light import Lamp, Shine, shine
from tests.support.box import SimulatedBox, TableShelf, item, slot_of

PIN = 27


class SeenLamp(Lamp):
    """What somebody sees who looks at it."""

    def __init__(self) -> None:
        self.seen: list[Shine] = []

    def show(self, shine: Shine) -> None:
        self.seen.append(shine)


def test_a_fault_is_told_before_anything_else():
    assert shine(fault=True, waits=True) is Shine.QUICK
    assert shine(fault=False, waits=True) is Shine.SLOW
    assert shine(fault=False, waits=False) is Shine.STEADY


def test_the_pin_is_lit_blinks_by_itself_and_is_let_go():
    with MockFactory() as factory:
        pin = factory.pin(PIN)
        with GpioLight(PIN, factory=factory) as lamp:
            lamp.show(Shine.STEADY)
            assert pin.state
            pin.clear_states()
            lamp.show(Shine.QUICK)
            ends = time.monotonic() + 5
            while len(pin.states) < 4:  # off, on and off again
                assert time.monotonic() < ends, pin.states
                time.sleep(0.02)
            lamp.show(Shine.STEADY)
            assert pin.state
        assert pin.function == "input"  # nobody drives it: it is dark


def test_a_pin_that_another_program_holds_is_named():
    with MockFactory() as factory, GpioLight(PIN, factory=factory), pytest.raises(ButtonError, match="GPIO 27"):
        GpioLight(PIN, factory=factory)


def test_a_countdown_is_seen_on_the_light_before_a_tv_that_is_off(tmp_path):
    film = item("a", 60.0)
    lamp = SeenLamp()
    box = SimulatedBox(tmp_path, TableShelf([film], [slot_of([film], 100)]), lamp=lamp)
    box.world.knows = True
    box.run(60)
    assert lamp.seen == [Shine.STEADY]
    box.run(30)
    assert lamp.seen == [Shine.STEADY, Shine.SLOW]
    box.run(20)
    assert lamp.seen == [Shine.STEADY, Shine.SLOW, Shine.STEADY]
