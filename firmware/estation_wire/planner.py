"""What is due: a pure decision over the table of slots, used by the box and by the centre's preview."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

LATE_AFTER: Final = timedelta(seconds=60)  # a start more than this late is a miss, not a late start


class Slot(Struct, frozen=True, kw_only=True):
    """One planned session: a rule's occurrence at a concrete instant (UTC)."""

    rule: str
    start: datetime
    contents: tuple[str, ...]
    series: str = ""
    priority: int = 5


class Plan(Struct, frozen=True, kw_only=True):
    """What is due next, and why."""

    slot: Slot | None
    why: str


def next_slot(slots: Iterable[Slot], now: datetime, *, done: frozenset[tuple[str, datetime]] = frozenset()) -> Plan:
    """The slot to prepare for at ``now``: the earliest not done and not missed.

    Of two at the same instant the one with the smaller priority number wins, then the smaller rule id:
    the same on every machine.
    """
    open_slots = [slot for slot in slots if slot.start >= now - LATE_AFTER and (slot.rule, slot.start) not in done]
    if not open_slots:
        return Plan(slot=None, why="nothing is planned in the table")
    slot = min(open_slots, key=lambda s: (s.start, s.priority, s.rule))
    return Plan(slot=slot, why=f"rule {slot.rule} says {slot.start.isoformat()}")
