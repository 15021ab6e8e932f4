"""What `cec-ctl` of v4l-utils writes (1.22 to 1.32), read into what the TV told. Pure.

Only three kinds of lines are read; the words around them differ by version. With ``--show-raw`` each message that is
heard comes with its bytes: sender and receiver, opcode, operands (HDMI 1.4b, supplement CEC)::

    Received from TV to Playback Device 1 (0 to 4): REPORT_POWER_STATUS (0x90):
        pwr-state: standby (0x01)
        Raw: 0x04 0x90 0x01 (   )

and what changes at the adapter, such as the place of our plug: ``Event: State Change: PA: 1.0.0.0, LA mask: 0x0010``.
"""

from __future__ import annotations

import re
from typing import Final

from estation_box.remote.keys import CEC_KEYS
from estation_box.television.interfaces import KeyTold, PowerTold, SoundTold, SourceTold, Told
from estation_box.television.rules import Power, Source

MAX_LINE: Final = 400  # characters; the longest line that cec-ctl writes has about 150
NOWHERE: Final = 0xFFFF
TV: Final = 0
EVERYBODY: Final = 15
LOUDNESS_UNKNOWN: Final = 0x7F

FEATURE_ABORT, REPORT_POWER, GIVE_POWER, STANDBY = 0x00, 0x90, 0x8F, 0x36
ACTIVE_SOURCE, ROUTING_CHANGE, ROUTING_INFORMATION, SET_STREAM_PATH = 0x82, 0x80, 0x81, 0x86
INACTIVE_SOURCE, USER_CONTROL_PRESSED, REPORT_AUDIO = 0x9D, 0x44, 0x7A

# A message has at most 16 bytes. Debian 13's cec-ctl writes them once more as letters, in brackets behind them.
_RAW: Final = re.compile(r"^\s*Raw:((?:\s+(?:0x)?[0-9a-fA-F]{2}){1,16})\s*(?:\(.*\)\s*)?$")
_PLACE: Final = re.compile(r"State Change: PA: ([0-9a-fA-F])\.([0-9a-fA-F])\.([0-9a-fA-F])\.([0-9a-fA-F])")
_SOURCES: Final = frozenset({ACTIVE_SOURCE, ROUTING_CHANGE, ROUTING_INFORMATION, SET_STREAM_PATH})
_FAILED: Final = re.compile(r"^\s*Tx, (?!Ok)", re.MULTILINE)
_POWERS: Final = {0: Power.ON, 1: Power.OFF, 2: Power.COMING, 3: Power.GOING}


def frame(line: str) -> bytes | None:
    """The bytes of one message of the bus; None for a line that holds none."""
    found = _RAW.match(line[:MAX_LINE])
    return bytes(int(each, 16) for each in found.group(1).split()) if found else None


def place(line: str) -> int | None:
    """Our physical address, where the line tells it: 0x1000 is the TV's first plug, `NOWHERE` no TV."""
    found = _PLACE.search(line[:MAX_LINE])
    return int("".join(found.groups()), 16) if found else None


def sent(output: str) -> bool:
    """Whether a message that was to be sent went out; the reasons why it did not stand behind ``Tx,``."""
    return "Transmit from" in output and _FAILED.search(output) is None


def dotted(address: int) -> str:
    """A physical address as cec-ctl wants it: 1.0.0.0."""
    return ".".join(f"{address >> shift & 15:x}" for shift in (12, 8, 4, 0))


def told(message: bytes, own: int) -> Told | None:
    """What a message tells of the TV; ``own``: our physical address. None where it tells nothing that we use."""
    if len(message) < 2:
        return None
    sender, receiver, opcode, rest = message[0] >> 4, message[0] & 15, message[1], message[2:]
    if opcode in _SOURCES:
        return _source(opcode, rest, own) if receiver == EVERYBODY else None
    if opcode == REPORT_AUDIO and len(rest) == 1:
        return _sound(rest[0])
    if opcode == USER_CONTROL_PRESSED and rest and sender == TV != receiver and receiver != EVERYBODY:
        return KeyTold(CEC_KEYS.get(rest[0]))
    power = _power(opcode, rest) if sender == TV else None
    return PowerTold(power) if power is not None else None


def _power(opcode: int, rest: bytes) -> Power | None:
    if opcode == REPORT_POWER and len(rest) == 1:
        return _POWERS.get(rest[0], Power.UNKNOWN)
    if opcode == STANDBY:
        return Power.GOING
    return Power.UNKNOWN if opcode == FEATURE_ABORT and rest[:1] == bytes((GIVE_POWER,)) else None


def _source(opcode: int, rest: bytes, own: int) -> Told | None:
    """Whose picture the TV shows: a routing change names the plug that was left, then the one that is shown now."""
    at = 2 if opcode == ROUTING_CHANGE else 0
    if len(rest) != at + 2 or own == NOWHERE:
        return None
    return SourceTold(Source.OURS if int.from_bytes(rest[at:], "big") == own else Source.OTHER)


def _sound(status: int) -> Told | None:
    muted, volume = bool(status & 0x80), status & 0x7F
    return SoundTold(muted or volume == 0) if muted or volume != LOUDNESS_UNKNOWN else None
