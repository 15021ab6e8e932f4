"""What the supervisor tells, as the Pi reads it: the Pi's half of `supervisor_words`. Pure."""

from __future__ import annotations

from struct import unpack

from estation_wire.infrared import MAX_PULSES
from estation_wire.supervisor_words import MAX_TEXT


def pulses(payload: bytes) -> tuple[int, ...] | None:
    """The pulses and spaces in IR_LEARNT, in microseconds; none where the receiver saw nothing. None: no such frame."""
    if len(payload) & 1 or len(payload) > 2 * MAX_PULSES:
        return None
    return unpack(f"<{len(payload) // 2}H", payload)


def read_line(payload: bytes) -> tuple[int, str] | None:
    """Level and text of a LOG; a letter that was cut is left out. None where it is empty or too long."""
    if not 1 <= len(payload) <= MAX_TEXT + 1:
        return None
    return payload[0], payload[1:].decode("utf-8", "ignore")


def gained(before: tuple[int, int] | None, now: tuple[int, int]) -> int:
    """Passages between two COUNTERS, each (starts, passages). A supervisor that started anew counts from 0."""
    if before is None:
        return 0
    if before[0] == now[0]:
        return now[1] - before[1] & 0xFFFFFFFF
    return now[1]
