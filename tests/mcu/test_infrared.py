from __future__ import annotations

import random

import pytest

from estation_wire import infrared as ir
from estation_wire import infrared_seen as seen
from estation_wire.errors import MalformedError
from estation_wire.infrared_text import from_text, text
from hw import infrared as listed
from tests.support.supervisor import fetch_tools, micropython

UNIT = 889


def bent(pulses, by, seed=0):
    """As a receiver sees it: pulses longer, spaces shorter, and a little chance."""
    chance = random.Random(seed)
    return [length + (by if place % 2 == 0 else -by) + chance.randrange(-40, 41) for place, length in enumerate(pulses)]


def test_known_televisions_are_sent_and_recognised():
    """Every code of the list leaves the LED as its source says, and is recognised when it comes from a remote."""
    for code in listed.read():
        if code.protocol == "nec":
            pulses, wanted = ir.distance(code.word), (ir.NEC, code.word)
        elif code.protocol == "rc5":
            pulses, wanted = ir.rc5(1, code.address, code.command), (ir.RC5, 1, code.address, code.command)
        elif code.protocol == "rc6":
            pulses, wanted = ir.rc6(0, code.address, code.command), (ir.RC6, 0, code.address, code.command)
        else:
            pulses, wanted = ir.distance(code.word, (4500, 4500)), None  # kept as raw
        assert seen.understood(bent(pulses, 80)) == wanted


def test_nec_is_what_its_description_says():
    """9 ms and 4.5 ms, then 32 bits: LG's power, bit by bit."""
    pulses = ir.distance(0x20DF10EF)
    assert len(pulses) == 67
    assert pulses[:8] == [9000, 4500, 560, 560, 560, 560, 560, 1690]
    assert "".join("1" if space > 1000 else "0" for space in pulses[3:-1:2]) == f"{0x20DF10EF:032b}"
    assert 60_000 < sum(pulses) < 70_000


def test_rc5_is_what_its_description_says():
    """Two start bits, the toggle, five and six bits: standby of the first TV."""
    assert ir.rc5(0, 0, 12)[:5] == [UNIT, UNIT, 2 * UNIT, UNIT, UNIT]
    levels = [place % 2 == 0 for place, length in enumerate(ir.rc5(0, 0, 12)) for _ in range(round(length / UNIT))]
    halves = [False, *levels]
    halves += [False] * (len(halves) % 2)
    bits = "".join("1" if halves[place + 1] else "0" for place in range(0, len(halves), 2))
    assert bits == "11" + "0" + "00000" + "001100"


def test_rc6_is_what_its_description_says():
    """Leader 2.7 ms and 0.9 ms, then the start bit; the toggle bit is twice as long."""
    start = [2664, 888, 444, 888, 444, 444, 444, 444]
    assert ir.rc6(0, 0, 12)[:12] == [*start, 444, 888, 888, 444]
    assert ir.rc6(1, 0, 12)[:12] == [*start, 1332, 1332, 444, 444]


@pytest.mark.parametrize("by", [-100, 0, 100])
def test_everything_that_is_sent_is_understood(by):
    """Codes of chance come back from the receiver as they were sent."""
    chance = random.Random(by)
    for seed in range(300):
        word, toggle = chance.getrandbits(32), chance.getrandbits(1)
        address, command = chance.randrange(32), chance.randrange(128)
        assert seen.understood(bent(ir.distance(word), by, seed)) == (ir.NEC, word)
        assert seen.understood(bent(ir.rc5(toggle, address, command), by, seed)) == (ir.RC5, toggle, address, command)
        code = toggle, chance.randrange(256), chance.randrange(256)
        assert seen.understood(bent(ir.rc6(*code), by, seed)) == (ir.RC6, *code)


def test_what_is_no_known_code_stays_raw():
    """Chance, a cut code and a wrong length are not taken for a code."""
    chance = random.Random(3)
    for _ in range(3000):
        pulses = [chance.choice((444, 560, 889, 1690, 2664, 9000)) for _ in range(chance.choice((0, 1, 23, 37, 67)))]
        assert seen.understood(pulses) is None
    nec = ir.distance(1)
    assert seen.understood(nec[:-2]) is None
    assert seen.understood([*nec[:5], 5000, *nec[6:]]) is None
    assert seen.understood([*nec[:4], 5000, *nec[5:]]) is None
    assert seen.understood([4500, *nec[1:]]) is None
    assert seen.understood([9000, 2250, *nec[2:]]) is None
    assert seen.understood([889, 1778, *[889] * 24]) is None  # RC-5 with a bit that does not change in its middle
    assert seen.understood([*ir.rc6(0, 1, 2)[:8], *[444] * 36]) is None  # RC-6 with a toggle bit of usual length
    rc6 = ir.rc6(0, 1, 2)
    assert seen.understood([*rc6[:2], 444, 444, *rc6[2:]]) is None


@pytest.mark.parametrize(
    ("order", "carrier_hz", "pulses"),
    [
        (seen.order(ir.NEC, 0x20DF10EF), 38_000, ir.distance(0x20DF10EF)),
        (seen.order(ir.RC5, 1, 31, 127), 36_000, ir.rc5(1, 31, 127)),
        (seen.order(ir.RC6, 0, 255, 255), 36_000, ir.rc6(0, 255, 255)),
        (seen.order(ir.RAW, 40_000, 1, 2, 3), 40_000, [1, 2, 3]),
        (seen.order(ir.RAW, 38_000, *[500] * 115), 38_000, [500] * 115),
    ],
)
def test_an_order_is_carried_out(order, carrier_hz, pulses):
    """What the box orders is what the LED does."""
    assert ir.ordered(order) == (carrier_hz, pulses)


@pytest.mark.parametrize(
    "order",
    [
        b"",
        b"\x09abc",
        seen.order(ir.NEC, 1) + b"x",
        seen.order(ir.RC5, 2, 0, 0),
        seen.order(ir.RC5, 0, 32, 0),
        seen.order(ir.RC5, 0, 0, 128),
        seen.order(ir.RC6, 0, 0, 0) + b"x",
        seen.order(ir.RAW, 40_000),
        seen.order(ir.RAW, 29_999, 500),
        seen.order(ir.RAW, 60_001, 500),
        seen.order(ir.RAW, 40_000, 500, 500),
        seen.order(ir.RAW, 40_000, 500, 0, 500),
        seen.order(ir.RAW, 40_000, *[60_000] * 5),
        seen.order(ir.RAW, 40_000, 500) + b"x",
    ],
)
def test_an_order_that_is_none_is_refused(order):
    """Nothing that would burn the LED or hold the supervisor up is sent."""
    assert ir.ordered(order) is None


def test_micropython_makes_the_same_pulses():
    """The Pico sends what the box reckons."""
    fetch_tools()
    program = (
        "from estation_wire import infrared as ir, infrared_seen as seen\n"
        "print([ir.distance(0x20DF10EF), ir.rc5(1, 5, 100), ir.rc6(1, 5, 200)])\n"
        "print([seen.understood(p) for p in (ir.distance(7), ir.rc5(0, 1, 2), ir.rc6(1, 2, 3), [1])])"
    )
    sent, understood = micropython("-c", program).splitlines()
    assert sent == str([ir.distance(0x20DF10EF), ir.rc5(1, 5, 100), ir.rc6(1, 5, 200)])
    assert understood == str([(ir.NEC, 7), (ir.RC5, 0, 1, 2), (ir.RC6, 1, 2, 3), None])


def test_a_file_of_ir_ctl_goes_both_ways():
    """A code that was learnt here can be sent by ir-ctl, and the other way round."""
    pulses = ir.distance(0x20DF10EF)
    assert from_text(text(36_000, pulses)) == (36_000, pulses)
    assert text(38_000, [9000, 4500, 560]) == "carrier 38000\npulse 9000\nspace 4500\npulse 560\n"
    assert from_text("# a remote\npulse 9000\nspace 4500\n\npulse 560\nspace 40000\ntimeout 125000\n") == (
        38_000,
        [9000, 4500, 560],
    )
    assert from_text("pulse 900\nspace 99999\npulse 1\n") == (38_000, [900])


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "no pulse"),
        ("pulse", "line 1"),
        ("pulse 0", "line 1"),
        ("pulse 65536", "line 1"),
        ("pulse 5\npulse 5", "line 2"),
        ("space 5", "line 1"),
        ("carrier 90000", "line 1"),
        ("pulse ٣", "line 1"),
        ("pulse 999999999", "line 1"),
        ("pulse 5\nspace 5\n" * 59, "line 117"),
        ("scancode 5", "line 1"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(written, says):
    """Whoever wrote the file learns which line is wrong."""
    with pytest.raises(MalformedError, match=says):
        from_text(written)
