"""The rows that a file may mean: those of the registry, read once, and those that the file itself makes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db import models

from estation_central.registry.models import BoxAssignment
from estation_central.registry.transfer.cells import Column
from estation_central.registry.transfer.sheets import BY_NAME, Sheet, value_of

_WITH: Final = {"sites": ("region", "district"), "regions": ("parent",)}


class Known:
    """All rows of each sheet by their keys; a sheet is read when it is first asked for."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[Any, ...], models.Model]] = {}
        self._serves: dict[str, str] | None = None

    def expect(self, sheet: Sheet, keys: Iterable[tuple[Any, ...]]) -> None:
        """The file has these rows: those that are not there yet are made, empty, so that others may refer to them."""
        rows = self._sheet(sheet.name)
        for key in keys:
            if key not in rows:
                rows[key] = sheet.model()

    def row(self, sheet: Sheet, key: tuple[Any, ...]) -> models.Model:
        """The row with that key."""
        return self._sheet(sheet.name)[key]

    def has(self, name: str, key: tuple[Any, ...]) -> bool:
        """Whether a sheet has a row with that key."""
        return key in self._sheet(name)

    def referred(self, name: str, key: Any) -> models.Model | None:
        """What a cell refers to; nothing for an empty one."""
        return self._sheet(name)[key,] if key is not None else None

    def value(self, sheet: Sheet, row: Any, column: Column) -> Any:
        """What stands in the registry; of a row that is made only now, nothing."""
        if sheet.name == "boxes" and column.name == "station":
            return self.serves.get(row.pk)
        if row._state.adding:  # noqa: SLF001 (Django's documented word for a row that is not saved)
            return None
        return value_of(row, column)

    def meant(self, sheet: Sheet, row: Any, column: Column, value: Any) -> Any:
        """What a cell means: a station in service stands where its site went, whatever a file calls it."""
        if (sheet.name, column.name) != ("stations", "site") or row._state.adding or row.retired is not None:  # noqa: SLF001
            return value
        heir: Any = self.referred("sites", value)
        while heir.merged_into_id is not None:
            heir = self.referred("sites", heir.merged_into_id)
        return heir.pk if row.site_id in {value, heir.pk} else value

    def rows(self, sheet: Sheet) -> list[models.Model]:
        """All rows of a sheet, in the order of their keys."""
        rows = self._sheet(sheet.name)
        return [rows[key] for key in sorted(rows, key=lambda key: [word or "" for word in key])]

    @property
    def serves(self) -> dict[str, str]:
        """Which station each box serves now."""
        if self._serves is None:
            self._serves = dict(BoxAssignment.objects.filter(ended=None).values_list("box", "station"))
        return self._serves

    def _sheet(self, name: str) -> dict[tuple[Any, ...], models.Model]:
        if name not in self._rows:
            sheet = BY_NAME[name]
            rows = sheet.model._default_manager.select_related(*_WITH.get(name, ()))  # noqa: SLF001 (Django's documented word)
            if name == "sites":
                rows = rows.prefetch_related("partners")
            columns = [column for word in sheet.key for column in sheet.columns if column.name == word]
            self._rows[name] = {tuple(value_of(row, column) for column in columns): row for row in rows}
        return self._rows[name]
