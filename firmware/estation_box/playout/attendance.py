"""How many came to a session, by passages at its door. Pure.

The barrier does not tell in from out. So a passage is a coming until the middle of the session, from a quarter of an
hour before it: who comes does so before the middle, who leaves does so after it, and many a hall is switched off at the
very end, so nobody can wait for those who leave. Nobody at all is unknown, never 0: a barrier that is not plugged in
counts nothing either.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from estation_box.guarding.door import Counters
from estation_wire.supervisor_heard import gained

BEGUN_SECONDS: Final = 5.0  # a session that was shown for longer had its comings already, unseen


class Coming(Struct, frozen=True):
    """What is known of the door: its counters when they were last heard, and how many came; ``over``: nobody comes."""

    counters: Counters
    came: int
    over: bool = False

    @property
    def number(self) -> int | None:
        """How many came to the session; None while people come, and where the door saw nobody."""
        return self.came or None if self.over else None


def looked(before: Coming | None, counters: Counters, gathered: int, *, shown: float, length: float) -> Coming | None:
    """After a look at the door, ``shown`` seconds into a session of ``length``; ``gathered``: who came before it.

    None where the door is heard of too late: those who came are not known. A look that was missed loses nothing.
    """
    if before is None:
        return Coming(counters, gathered) if shown <= min(BEGUN_SECONDS, length / 2) else None
    if before.over:
        return before
    return replace(
        before, counters=counters, came=before.came + gained(before.counters, counters), over=shown >= length / 2
    )
