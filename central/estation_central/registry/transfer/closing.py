"""Sites that a file closes: a merger takes along the stations that stand there, and no other leaves one behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from estation_central.registry import moving
from estation_central.registry.models import Site, Why
from estation_central.registry.transfer.saving import Change
from estation_central.stations.models import Station

_CLOSES: Final = frozenset({"closed", "merged_into"})
_NAMED: Final = 5  # stations in a word of refusal


def closed(changes: Iterable[Change]) -> Iterator[Change]:
    """The rows of ``sites`` that close a site, or say anew what became of it."""
    for each in changes:
        if each.row.closed is not None and any(column.name in _CLOSES for column in each.fields):
            yield each


def leave(site: Site, now: datetime) -> list[Station]:
    """Move what still stands in a site that is closed now to the one that took it over; what moved.

    Raises `ValidationError` where none took it over, or where it is not closed yet.
    """
    if site.closed is None or site.closed > now.astimezone(ZoneInfo(site.timezone)).date():
        if site.merged_into is not None:
            raise ValidationError({"closed": _("A merger is entered on its day, or afterwards.")})
        return []
    standing = list(Station.objects.filter(site=site, retired=None))
    if site.merged_into is None and standing:
        names = ", ".join(station.name for station in standing[:_NAMED]) + (" …" if len(standing) > _NAMED else "")
        words = _(
            "Stations still stand here (%(names)s): say into which site it was merged, give them another site, "
            "or say when they were given up."
        )
        raise ValidationError({"closed": words % {"names": names}})
    for station in standing:
        moving.place(station, site.merged_into, now, Why.MERGED)
    return standing
