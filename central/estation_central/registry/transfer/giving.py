"""Gives the whole registry out as tables; what is given out can be taken in again, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from estation_central.registry.transfer.files import Table
from estation_central.registry.transfer.known import Known
from estation_central.registry.transfer.sheets import SHEETS, Sheet


def tables(sheets: Sequence[Sheet] = SHEETS) -> list[Table]:
    """The tables of the registry, each row in the order of its key."""
    known = Known()
    return [_table(known, sheet) for sheet in sheets]


def _table(known: Known, sheet: Sheet) -> Table:
    rows = []
    for number, row in enumerate(known.rows(sheet), 2):
        cells = [column.write(known.value(sheet, row, column)) for column in sheet.columns]
        rows.append((number, tuple(cells)))
    return Table(sheet.name, tuple(column.name for column in sheet.columns), tuple(rows))
