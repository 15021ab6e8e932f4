"""Gives the whole registry out as tables, what was before as well; taken in again, they change nothing."""

from __future__ import annotations

from estation_central.registry.transfer import past
from estation_central.registry.transfer.files import Table
from estation_central.registry.transfer.known import Known
from estation_central.registry.transfer.sheets import SHEETS, Sheet


def tables() -> list[Table]:
    """The tables of the registry, each row in the order of its key; then those of what was before."""
    known = Known()
    return [*(_table(known, sheet) for sheet in SHEETS), *past.tables()]


def _table(known: Known, sheet: Sheet) -> Table:
    rows = []
    for number, row in enumerate(known.rows(sheet), 2):
        cells = [column.write(known.value(sheet, row, column)) for column in sheet.columns]
        rows.append((number, tuple(cells)))
    return Table(sheet.name, tuple(column.name for column in sheet.columns), tuple(rows))
