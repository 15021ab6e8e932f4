"""One suite over both ways to a TV: the simulated one, and the driver of `cec-ctl` with a program in its place."""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from estation_box.drivers.cec import CecWire
from estation_box.remote.keys import Key
from estation_box.simulated.cec_television import Habits, SimulatedCecTelevision
from estation_box.television.interfaces import KeyTold, PowerTold, SourceTold, Told
from estation_box.television.rules import Order, Power, Source
from tests.support import cec_ctl

WITHIN = 10.0


class Simulated:
    """The TV in memory; its time runs ten times as fast."""

    def __init__(self) -> None:
        self.heard: queue.Queue[Told] = queue.Queue()
        self.wire = SimulatedCecTelevision(self.heard.put, Habits(warms=0.1))
        self._up = 0.0

    def look(self) -> None:
        self._up += 0.1
        self.wire.pass_to(self._up)

    def key(self, code: int) -> None:
        self.wire.key(code)

    def other_source(self) -> None:
        self.wire.remote_input()

    def goes_off(self) -> None:
        self.wire.remote_power()


class Driven:
    """The real driver; in the place of `cec-ctl` a program with a TV of its own."""

    def __init__(self, folder: Path) -> None:
        self.heard: queue.Queue[Told] = queue.Queue()
        self.folder = folder
        (folder / "tv").write_text("1 2000")
        (folder / "bus").touch()
        program = folder / "cec-ctl"
        own = f"#!/bin/sh\nCEC_FOLDER='{folder}' exec '{sys.executable}' '{cec_ctl.__file__}' \"$@\"\n"
        program.write_text(own)
        program.chmod(0o755)
        self.wire = CecWire(self.heard.put, device=folder / "tv", program=str(program))

    def look(self) -> None:
        time.sleep(0.01)

    def says(self, *message: int) -> None:
        with (self.folder / "bus").open("a") as bus:
            bus.write(cec_ctl.written(bytes(message), f"Received from TV to somebody (0 to {message[0] & 15})"))

    def key(self, code: int) -> None:
        self.says(0x04, 0x44, code)
        self.says(0x04, 0x45)

    def other_source(self) -> None:
        self.says(0x0F, 0x80, 0x10, 0x00, 0x20, 0x00)

    def goes_off(self) -> None:
        self.says(0x0F, 0x36)


@pytest.fixture(params=["simulated", "driven"])
def tv(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "simulated":
        yield Simulated()
        return
    driven = Driven(tmp_path)
    with driven.wire:
        yield driven


def expect(tv: Any, *wanted: Told) -> list[Told]:
    """Wait until the TV has told each of ``wanted``, in this order, whatever it tells besides."""
    told: list[Told] = []
    left = list(wanted)
    end = time.monotonic() + WITHIN
    while left:
        assert time.monotonic() < end, f"{left} was not told, but {told}"
        tv.look()
        try:
            told.append(tv.heard.get_nowait())
        except queue.Empty:
            continue
        if told[-1] == left[0]:
            left.pop(0)
    return told


def awake(tv: Any) -> None:
    """Wake and take it, as before a session."""
    if isinstance(tv, Driven):
        expect(tv, PowerTold(Power.UNKNOWN), SourceTold(Source.UNKNOWN))  # the listener has found its place
    assert tv.wire.send(Order.WAKE)
    tv.look()
    tv.look()
    tv.look()
    assert tv.wire.send(Order.TAKE)
    expect(tv, SourceTold(Source.OURS))
    assert tv.wire.send(Order.ASK)
    expect(tv, PowerTold(Power.ON))


def test_a_tv_in_standby_says_so(tv):
    tv.wire.send(Order.ASK)
    expect(tv, PowerTold(Power.OFF))


def test_a_tv_that_is_woken_and_taken_shows_us(tv):
    awake(tv)


def test_a_key_of_the_tvs_remote_is_heard(tv):
    awake(tv)
    tv.key(0x01)
    tv.key(0x25)
    tv.key(0x7F)
    expect(tv, KeyTold(Key.UP), KeyTold(Key.DIGIT_5), KeyTold(None))


def test_somebody_who_chooses_another_source_is_heard(tv):
    awake(tv)
    tv.other_source()
    expect(tv, SourceTold(Source.OTHER))


def test_a_tv_that_is_switched_off_says_so(tv):
    awake(tv)
    tv.goes_off()
    expect(tv, PowerTold(Power.GOING))


def test_a_tv_is_given_back(tv):
    awake(tv)
    tv.wire.send(Order.STANDBY)
    tv.look()
    tv.wire.send(Order.ASK)
    expect(tv, PowerTold(Power.OFF))


def test_another_source_gets_the_tv_back(tv):
    awake(tv)
    tv.wire.send(Order.RELEASE)
    expect(tv, SourceTold(Source.OTHER))
