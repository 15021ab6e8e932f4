"""A TV that hears infrared alone, and one whose plug hangs on a relay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import msgspec
import pytest
from gpiozero.pins.mock import MockFactory

from estation_box.apps.core_wires import opened
from estation_box.drivers import pins
from estation_box.drivers.infrared import InfraredWire
from estation_box.drivers.relay import RelayError, RelayWire
from estation_box.guarding.interfaces import Heard
from estation_box.settings import Lead
from estation_box.television.interfaces import PowerTold, Told
from estation_box.television.none import NoWire
from estation_box.television.rules import LINGER_SECONDS, Claim, Order, Power
from estation_box.television.service import TendedTelevision
from estation_wire import infrared
from estation_wire.supervisor_frame import encode
from estation_wire.tv import TvWire
from estation_wire.values import Tv

from tests.support import supervisor  # noqa: F401  # isort: skip  # lets the supervisor's program be imported
from estation_mcu.simulated import Board  # isort: skip
from estation_mcu.supervisor import Supervisor  # isort: skip

ON = "01dc23df20"  # LG's «power on»: NEC, sent with its low byte first


class ToTheLed:
    """The line to the supervisor's own program, whose board keeps what leaves the LED."""

    def __init__(self) -> None:
        self.raw = bytearray()
        self.board = Board(self._read, lambda _: None, lambda: 0)
        self.supervisor = Supervisor(self.board)

    def _read(self) -> bytes:
        data = bytes(self.raw)
        self.raw.clear()
        return data

    def send(self, kind: int, payload: bytes = b"") -> bool:
        self.raw += encode(kind, payload)
        return True

    def hear(self) -> list[Heard]:
        return []


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    mock = MockFactory()
    yield mock
    mock.reset()


def test_the_code_that_wakes_a_tv_leaves_the_led_and_nothing_else_does():
    """Nothing is known of such a TV, so it is never switched off: a code that toggles would switch off what is on."""
    line = ToTheLed()
    wire = InfraredWire(line, bytes.fromhex(ON))
    assert [wire.send(order) for order in Order] == [order is Order.WAKE for order in Order]
    for _ in range(3):
        line.supervisor.turn()
    assert line.board.sent == [(38_000, infrared.distance(0x20DF23DC))]


def test_a_code_that_no_led_can_send_leaves_the_box_without_a_wire():
    """The studio signs no such profile; of another maker's the box takes all the rest."""
    for fields in ({"infrared_on": "0"}, {"by": "smoke"}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(fields, TvWire)
    line = ToTheLed()
    with ExitStack() as stack:
        for wire in (TvWire(by="infrared"), TvWire(by="infrared", infrared_on="ff00")):
            assert wire.fault
            assert isinstance(opened(wire, lambda _: None, line, stack, Lead()), NoWire)
        right = TvWire(by="infrared", infrared_on=ON)
        assert not right.fault
        assert isinstance(opened(right, lambda _: None, line, stack, Lead()), InfraredWire)


def test_a_tv_on_the_relay_has_power_for_the_film_alone(factory):
    told: list[Told] = []
    box = TendedTelevision()
    with RelayWire(told.append, factory=factory) as wire:
        box.provisioned(wire, firm=True)
        pin = factory.pin(pins.RELAY)

        def run(begin: int, end: int, claim: Claim | None) -> None:
            for up in range(begin, end):
                box.tend(claim, float(up))
                while told:
                    box.heard(told.pop(0), float(up))

        run(0, 3, None)
        assert (pin.state, box.evidence()) == (0, Tv.OFF)
        run(3, 60, Claim.AUTOMATIC)
        assert (pin.state, box.evidence()) == (1, Tv.UNKNOWN)  # behind the plug nobody looks
        run(60, 62 + int(LINGER_SECONDS), None)
        assert (pin.state, box.evidence()) == (0, Tv.OFF)
        wire.send(Order.WAKE)
    assert PowerTold(Power.UNKNOWN) in told


def test_a_relay_that_somebody_else_holds_is_named(factory):
    with RelayWire(print, factory=factory), pytest.raises(RelayError, match=str(pins.RELAY)):
        RelayWire(print, factory=factory)
