"""A payment batch as the sheet that a finance clerk signs: serial, unit, amount, and the total twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from estation_central.ledger.capitals import in_capitals
from estation_central.ledger.rules import yuan

HEADS: Final = ("序号 No.", "单位 Unit", "年度 Year", "金额（元） Amount (CNY)")
TOTAL: Final = "合计 Total"
CAPITALS: Final = "人民币（大写） In capitals"
MONEY: Final = "#,##0.00"
MAX_ROWS: Final = 100_000  # of one sheet: a clerk prints it
MAX_TITLE: Final = 200


class Line(NamedTuple):
    """One payment."""

    unit: str
    year: int
    fen: int


class SheetTooLongError(Exception):
    """A batch has more payments than a sheet holds; make batches by county."""


def write(to: Path | BinaryIO, title: str, lines: Sequence[Line], made: datetime) -> None:
    """Write the sheet. Raises `SheetTooLongError` or `OSError`; a file that was there is replaced, whole or not."""
    book = _filled(title, lines, made)
    if isinstance(to, Path):
        beside = to.with_name(f".{to.name}.new")
        book.save(beside)
        beside.replace(to)
    else:
        book.save(to)


def _filled(title: str, lines: Sequence[Line], made: datetime) -> Workbook:
    if len(lines) > MAX_ROWS:
        words = {"count": len(lines), "most": MAX_ROWS}
        raise SheetTooLongError(_("%(count)s payments; a sheet holds %(most)s: make batches by county.") % words)
    book = Workbook(write_only=True)
    book.properties.title = title[:MAX_TITLE]
    book.properties.created = book.properties.modified = made.replace(tzinfo=None)
    sheet: WriteOnlyWorksheet = book.create_sheet("发放表 Payments")
    for column, width in zip("ABCD", (10, 48, 12, 24), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A3"
    sheet.append([_text(sheet, title[:MAX_TITLE], bold=True)])
    sheet.append([_text(sheet, head, bold=True) for head in HEADS])
    for serial, line in enumerate(lines, 1):
        sheet.append([serial, _text(sheet, line.unit), line.year, _money(sheet, line.fen)])
    fen = sum(line.fen for line in lines)
    sheet.append([None, _text(sheet, TOTAL, bold=True), None, _money(sheet, fen, bold=True)])
    sheet.append([None, _text(sheet, CAPITALS, bold=True), _text(sheet, in_capitals(fen), bold=True)])
    return book


def _text(sheet: WriteOnlyWorksheet, words: str, *, bold: bool = False) -> WriteOnlyCell:
    """Words as words: a unit that is called «=1+1» is no formula."""
    cell = WriteOnlyCell(sheet, words)
    cell.data_type = "s"
    cell.font = Font(bold=bold)
    return cell


def _money(sheet: WriteOnlyWorksheet, fen: int, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, yuan(fen))
    cell.number_format = MONEY
    cell.font = Font(bold=bold)
    return cell
