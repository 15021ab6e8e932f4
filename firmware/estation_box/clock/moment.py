"""One reading of the box's clocks. Time is an argument: rules take a `Moment`, they never ask."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from estation_wire.values import Trust


class Moment(NamedTuple):
    """Now: ``at`` in UTC by the box's clock, ``up`` in monotonic seconds since boot, and how far to believe it."""

    at: datetime
    up: float
    boot: str
    trust: Trust
