"""Infrared codes as lists of pulses and spaces: NEC, RC-5, RC-6 mode 0 and raw, as they are sent. Both machines'; pure.

A list begins with a pulse and alternates, in microseconds; the last space is left out. Where a code is written as a
word, it is what leaves the LED, first bit highest, as in `hw/infrared.toml`. The other way: `infrared_seen`.
"""

from struct import unpack

NEC, RC5, RC6, RAW = 1, 2, 3, 4
"""Forms of the frame IR_SEND; the first byte of its payload."""

MAX_PULSES = 116
"""Pulses and spaces of a raw code: what a frame carries beside form and carrier."""

LONGEST_US = 65_535
LONGEST_CODE_US = 250_000
"""A code that is sent: the supervisor does nothing else meanwhile. The codes of televisions take less than 120,000."""

HIGHEST_HZ = 60_000
LOWEST_HZ = 30_000

NEC_US = 560
RC5_US = 889
RC6_US = 444
RC6_START = (1, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 1)
"""Levels, a unit each: the leader, the start bit and mode 0."""


def distance(word: int, leader: tuple[int, int] = (9000, 4500), bits: int = 32) -> list[int]:
    """Pulse distance, as NEC sends; with the leader (4500, 4500) it is what Samsung sends."""
    pulses = list(leader)
    for place in range(bits - 1, -1, -1):
        pulses += (NEC_US, 1690 if word >> place & 1 else NEC_US)
    pulses.append(NEC_US)
    return pulses


def rc5(toggle: int, address: int, command: int) -> list[int]:
    """RC-5: address 0..31, command 0..127 (above 63 as RC-5X); ``toggle`` 0 or 1, changed at each new press."""
    word = 1 << 13 | (0 if command & 0x40 else 1) << 12 | toggle << 11 | address << 6 | (command & 0x3F)
    levels: list[int] = []
    for place in range(13, -1, -1):
        levels += (0, 1) if word >> place & 1 else (1, 0)
    return _run_lengths(levels, RC5_US)


def rc6(toggle: int, address: int, command: int) -> list[int]:
    """RC-6 mode 0: address and command 0..255; the toggle bit is twice as long as the others."""
    levels = list(RC6_START)
    levels += (1, 1, 0, 0) if toggle else (0, 0, 1, 1)
    word = address << 8 | command
    for place in range(15, -1, -1):
        levels += (1, 0) if word >> place & 1 else (0, 1)
    return _run_lengths(levels, RC6_US)


def _run_lengths(levels: list[int], unit: int) -> list[int]:
    pulses: list[int] = []
    last = 0
    for level in levels:
        if level == last and pulses:
            pulses[-1] += unit
        elif level or pulses:
            pulses.append(unit)
        last = level
    return pulses if len(pulses) & 1 else pulses[:-1]


def ordered(payload: bytes) -> tuple[int, list[int]] | None:
    """Carrier in Hz and pulses of an IR_SEND; None where it is none, or would harm the LED."""
    form, rest = (payload[0], payload[1:]) if payload else (0, b"")
    if form == NEC and len(rest) == 4:
        return 38_000, distance(unpack("<I", rest)[0])
    if form in {RC5, RC6} and len(rest) == 3 and rest[0] <= 1:
        if form == RC6:
            return 36_000, rc6(*rest)
        return (36_000, rc5(*rest)) if rest[1] < 32 and rest[2] < 128 else None
    if form == RAW and len(rest) >= 4 and not len(rest) & 1:
        numbers = unpack(f"<{len(rest) // 2}H", rest)
        whole = len(numbers) & 1 == 0 and 0 not in numbers  # begins and ends with a pulse
        if whole and LOWEST_HZ <= numbers[0] <= HIGHEST_HZ and sum(numbers[1:]) <= LONGEST_CODE_US:
            return numbers[0], list(numbers[1:])
    return None
