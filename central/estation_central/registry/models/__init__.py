"""The registry's tables. What may not be is refused by the database itself, whoever writes."""

from __future__ import annotations

from estation_central.registry.models.boxes import Box, BoxAssignment, Condition, Placement, Why
from estation_central.registry.models.files import Delivery, Draft, Transfer
from estation_central.registry.models.people import Officer, OfficerLink
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

__all__ = [
    "Body",
    "BodyKind",
    "Box",
    "BoxAssignment",
    "Calendar",
    "ClosedWeek",
    "Condition",
    "Delivery",
    "Draft",
    "Kind",
    "Level",
    "Officer",
    "OfficerLink",
    "Placement",
    "Policy",
    "Region",
    "RegionCode",
    "Site",
    "Transfer",
    "Why",
]
