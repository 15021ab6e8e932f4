"""What `cec-ctl` writes of several TVs: after its own source and the supplement CEC of HDMI 1.4b, none is recorded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estation_box.remote.keys import Key
from estation_box.television import cec_words
from estation_box.television.interfaces import KeyTold, PowerTold, SoundTold, SourceTold
from estation_box.television.rules import Power, Source

OWN = 0x1000
DIALECTS = {
    "answers in full": (
        """
Transmit from Playback Device 1 to TV (4 to 0):
GIVE_DEVICE_POWER_STATUS (0x8f)
    Received from TV (0):
    REPORT_POWER_STATUS (0x90):
\tpwr-state: standby (0x01)
\tRaw: 0x04 0x90 0x01\x20
\tSequence: 12 Tx Timestamp: 88.123s Rx Timestamp: 88.201s
\tApproximate response time: 17 ms
""",
        [PowerTold(Power.OFF)],
    ),
    "answers in letters as well, as cec-ctl 1.30 in the image": (
        "\tRaw: 0x04 0x90 0x00 (   )\n",
        [PowerTold(Power.ON)],
    ),
    "comes on slowly": (
        "\tRaw: 0x04 0x90 0x02 \n\tRaw: 0x04 0x90 0x02 \n\tRaw: 0x04 0x90 0x00 \n",
        [PowerTold(Power.COMING), PowerTold(Power.COMING), PowerTold(Power.ON)],
    ),
    "aborts the question of its power": (
        """    Received from TV (0):
    FEATURE_ABORT (0x00):
\tabort-msg: 143 (0x8f, GIVE_DEVICE_POWER_STATUS)
\treason: unrecognized-op (0x00)
\tRaw: 0x04 0x00 0x8f 0x00
""",
        [PowerTold(Power.UNKNOWN)],
    ),
    "says nothing at all": ("\tSequence: 9 Tx Timestamp: 3.200s\n\tTx, Not Acknowledged (4), Max Retries\n", []),
    "shows its own tuner": (
        """Received from TV to all (0 to 15): ACTIVE_SOURCE (0x82):
\tphys-addr: 0.0.0.0
\tRaw: 0x0f 0x82 0x00 0x00
""",
        [SourceTold(Source.OTHER)],
    ),
    "names plug and plug": (
        """Received from TV to all (0 to 15): ROUTING_CHANGE (0x80):
\torig-phys-addr: 2.0.0.0
\tnew-phys-addr: 1.0.0.0
\tRaw: 0x0f 0x80 0x20 0x00 0x10 0x00
""",
        [SourceTold(Source.OURS)],
    ),
    "asks for our picture by the stream's path": ("\tRaw: 0x0f 0x86 0x10 0x00\n", [SourceTold(Source.OURS)]),
    "hands its remote on, pressed, released and strange": (
        """Received from TV to Playback Device 1 (0 to 4): USER_CONTROL_PRESSED (0x44):
\tui-cmd: select (0x00)
\tRaw: 0x04 0x44 0x00
Received from TV to Playback Device 1 (0 to 4): USER_CONTROL_RELEASED (0x45)
\tRaw: 0x04 0x45
\tRaw: 0x04 0x44 0x6d
""",
        [KeyTold(Key.OK), KeyTold(None)],
    ),
    "goes off for everybody": (
        "Received from TV to all (0 to 15): STANDBY (0x36)\n\tRaw: 0x0f 0x36\n",
        [PowerTold(Power.GOING)],
    ),
    "has loudspeakers of its own": (
        "\tRaw: 0x54 0x7a 0x94 \n\tRaw: 0x54 0x7a 0x00\n\tRaw: 0x54 0x7a 0x7f\n\tRaw: 0x54 0x7a 0x14",
        [SoundTold(silent=True), SoundTold(silent=True), SoundTold(silent=False)],
    ),
    "has a neighbour that plays": (
        """Received from Playback Device 2 to all (8 to 15): ACTIVE_SOURCE (0x82):
\tRaw: 0x8f 0x82 0x20 0x00
\tRaw: 0x84 0x90 0x01
\tRaw: 0x84 0x44 0x01
""",
        [SourceTold(Source.OTHER)],
    ),
}


def told_of(text: str, own: int = OWN) -> list:
    frames = (cec_words.frame(line) for line in text.splitlines())
    told = (cec_words.told(frame, own) for frame in frames if frame is not None)
    return [each for each in told if each is not None]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_understood(dialect):
    text, wanted = DIALECTS[dialect]
    assert told_of(text) == wanted


def test_a_box_that_does_not_know_its_plug_does_not_claim_a_picture():
    assert told_of("\tRaw: 0x0f 0x82 0x10 0x00 \n", cec_words.NOWHERE) == []


def test_our_plug_is_read_when_it_changes():
    assert cec_words.place("Initial Event: State Change: PA: 2.1.0.0, LA mask: 0x0010, Conn Info: yes") == 0x2100
    assert cec_words.place("Event: State Change: PA: f.f.f.f, LA mask: 0x0000") == cec_words.NOWHERE
    assert cec_words.place("Event: Lost 3 messages") is None
    assert cec_words.dotted(0x2100) == "2.1.0.0"


def test_an_order_that_nobody_took_did_not_go_out():
    assert cec_words.sent(
        "\nTransmit from Playback Device 1 to all (4 to 15):\nACTIVE_SOURCE (0x82):\n\tphys-addr: 1.0.0.0\n"
    )
    assert cec_words.sent("Transmit from A to TV (4 to 0):\n\tSequence: 1 Tx Timestamp: 1s\n\tTx, Ok (1)\n")
    assert not cec_words.sent("Transmit from A to TV (4 to 0):\n\tTx, Not Acknowledged (4), Max Retries\n")
    assert not cec_words.sent("Adapter is unconfigured, please configure it first.\n")


@given(st.text() | st.binary().map(lambda raw: "\tRaw: " + " ".join(f"0x{each:02x}" for each in raw)))
def test_whatever_is_written_is_read_or_left(text):
    told_of(text)
    cec_words.place(text)
    cec_words.sent(text)


@given(st.binary(max_size=20), st.integers(0, 0xFFFF))
def test_no_message_of_the_bus_breaks_the_reader(message, own):
    cec_words.told(message, own)
