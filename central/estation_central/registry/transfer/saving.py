"""Writes the rows of one sheet, many at a time; what has a history goes by `moving`, so that the history is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from msgspec import Struct

from estation_central.registry import moving
from estation_central.registry.models import BoxAssignment, Condition, Level, Placement, Region, Site, Why
from estation_central.registry.transfer.cells import Column
from estation_central.registry.transfer.known import Known
from estation_central.registry.transfer.sheets import Sheet
from estation_central.stations.models import Station

BATCH: Final = 500
APART: Final = frozenset({("sites", "partners"), ("boxes", "station")})  # not a column of the row itself
_DEPTH: Final = {level: depth for depth, level in enumerate(Level.values)}
_LEFT: Final = {Condition.STOLEN: Why.STOLEN, Condition.REPAIR: Why.BROKEN}
Refusals = Iterator[tuple[int, ValidationError]]


class Change(Struct):
    """A row of a file: its number there, the row of the registry, and what changes: before, after."""

    number: int
    row: Any
    fields: dict[Column, tuple[Any, Any]]
    new: bool = False
    site: Site | None = None
    """Where a station goes that stood elsewhere."""


class Saver:
    """Fills rows, and saves them."""

    def __init__(self, known: Known, now: datetime) -> None:
        self._known = known
        self._now = now

    def fill(self, sheet: Sheet, change: Change) -> None:
        """Put the new values into the row."""
        row = change.row
        change.new = row._state.adding  # noqa: SLF001 (Django's documented word for a row that is not saved)
        for column, (_before, after) in change.fields.items():
            if (sheet.name, column.name) in APART:
                continue
            value = self._known.referred(column.refers, after) if column.refers else after
            if sheet.name == "stations" and column.name == "site" and not change.new:
                change.site = value  # type: ignore[assignment]  # what the sheet `sites` holds
            else:
                setattr(row, column.name, value)

    def judge(self, change: Change) -> None:
        """Refuse a row that cannot be, once all rows of its sheet are filled. Raises `ValidationError`."""
        row = change.row
        if change.fields:
            foreign = [each.name for each in row._meta.concrete_fields if each.is_relation]  # noqa: SLF001
            row.clean_fields(exclude=[*foreign, "path", "id"])
            row.clean()

    def save(self, sheet: Sheet, changes: Sequence[Change]) -> Refusals:
        """Write what changes; what cannot be is told with the number of its row."""
        changed = [each for each in changes if each.fields]
        if sheet.model is Region:
            for each in sorted(changed, key=lambda each: _DEPTH[each.row.level]):
                each.row.save()
            return
        model, new = sheet.model._default_manager, [each.row for each in changed if each.new]  # noqa: SLF001
        model.bulk_create(new, batch_size=BATCH)
        names = {column.name for each in changed for column in each.fields if (sheet.name, column.name) not in APART}
        if names:
            keys = {field.name for field in sheet.model._meta.concrete_fields if field.primary_key}  # noqa: SLF001
            rows = [each.row for each in changed if not each.new]
            if names - keys:
                model.bulk_update(rows, sorted(names - keys), batch_size=BATCH)
        after = {"sites": self._partners, "stations": self._places, "boxes": self._boxes}
        if sheet.name in after:
            yield from after[sheet.name](changed)

    def _partners(self, changes: Sequence[Change]) -> Refusals:
        for each in changes:
            for column, (_before, after) in each.fields.items():
                if column.name == "partners":
                    each.row.partners.set(after or ())
        yield from ()

    def _places(self, changes: Sequence[Change]) -> Refusals:
        new = [each.row for each in changes if each.new and each.row.retired is None]
        Placement.objects.bulk_create(
            [Placement(station=row, site=row.site, began=self._now) for row in new], batch_size=BATCH
        )
        for each in changes:
            try:
                if each.site is not None:
                    moving.place(each.row, each.site, self._now, self._why(each))
                if each.new and each.row.retired is None and each.row.site.closed is not None:
                    raise moving.closed(each.row.site)
                if not each.new and any(column.name == "retired" for column in each.fields):
                    self._retire(each.row)
            except ValidationError as error:
                yield each.number, error

    def _why(self, change: Change) -> Why:
        """Why a station leaves its site: with all of it, or alone."""
        told = [before for column, (before, _after) in change.fields.items() if column.refers == "sites"]
        left: Any = self._known.referred("sites", told[0])
        return Why.MOVED if left.merged_into_id is None else Why.MERGED

    def _retire(self, station: Station) -> None:
        if station.retired is not None:
            moving.retire(station, self._now, station.retired)
        elif station.site.closed is not None:
            raise moving.closed(station.site)
        else:
            Placement.objects.create(station=station, site=station.site, began=self._now)

    def _boxes(self, changes: Sequence[Change]) -> Refusals:
        """All boxes leave their old stations before any goes to its new one: two may change places."""
        moved = [(each, told) for each in changes for column, told in each.fields.items() if column.name == "station"]
        stations = models.Q(pk__in=[before for _each, (before, _after) in moved if before is not None])
        old = {station.pk: station for station in Station.objects.filter(stations)} if moved else {}
        for each, (before, _after) in moved:
            if before is not None:
                moving.take_away(old[before], self._now, _LEFT.get(each.row.condition, Why.MOVED))
        taken = set(BoxAssignment.objects.filter(ended=None).values_list("station", flat=True))
        fresh = []
        for each, (_before, after) in moved:
            station = self._known.referred("stations", after)
            if not isinstance(station, Station):
                continue
            if after in taken or each.row.condition != Condition.GOOD or station.retired is not None:
                try:
                    moving.assign(each.row, station, self._now)
                except ValidationError as error:
                    yield each.number, error
            else:
                fresh.append(BoxAssignment(box=each.row, station=station, began=self._now))
            taken.add(after)
        BoxAssignment.objects.bulk_create(fresh, batch_size=BATCH)
