"""The registry's tables. What may not be is refused by the database itself, whoever writes."""

from __future__ import annotations

from estation_central.registry.models.places import (
    Body,
    BodyKind,
    Calendar,
    ClosedWeek,
    Kind,
    Level,
    Policy,
    Region,
    RegionCode,
    Site,
)

__all__ = ["Body", "BodyKind", "Calendar", "ClosedWeek", "Kind", "Level", "Policy", "Region", "RegionCode", "Site"]
