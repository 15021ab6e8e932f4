"""What a station will show: the expansion and the planner that run in its box, over the library that was taken in."""

from __future__ import annotations

from datetime import datetime, timedelta

from estation_wire.audience import Place
from estation_wire.expansion import Expanded, expand
from estation_wire.hours import Hours
from estation_wire.library import Catalogue, Programme
from estation_wire.planner import Length


def expanded(
    programme: Programme,
    catalogue: Catalogue,
    place: Place,
    *,
    hours: Hours,
    begin: datetime,
    days: timedelta,
    minimum_seconds: float,
) -> Expanded:
    """The slots of a place from ``begin`` on, exactly as its box works them out."""
    lengths = {item.id: Length(item.seconds, item.counting) for item in catalogue.items}
    until = begin + days
    return expand(programme, place, hours, lengths, after=begin, until=until, minimum_seconds=minimum_seconds)
