"""Tables in CSV and XLSX files, both ways. What comes in is bounded before it is parsed, and never an archive of more.

A cell that a spreadsheet would run as a formula gets an apostrophe on its way out, and loses it on its way in.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import openpyxl
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.cell import WriteOnlyCell

FILE_BYTES: Final = 8 * 1024 * 1024  # the whole of 24,139 stations has 2
UNPACKED_BYTES: Final = 96 * 1024 * 1024  # an XLSX of that size unpacks to 20
PARTS: Final = 100  # files within an XLSX; a spreadsheet of ten sheets has 30
ROWS: Final = 60_000  # of one table
COLUMNS: Final = 40
CELL: Final = 8_000  # characters; a calendar of many windows is the longest
TABLES: Final = 20
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
ZIP_MAGIC: Final = b"PK\x03\x04"


class Table(NamedTuple):
    """A table as it stands in a file: its name, the first row, and the others with their numbers in the file."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read(name: str, content: bytes, passed_over: frozenset[str] = frozenset()) -> list[Table]:
    """The tables of a file. Raises `ValidationError` in plain words.

    Of a spreadsheet's sheets with these names no row is read: they may be as long as they like.
    """
    if len(content) > FILE_BYTES:
        raise _too_large(len(content), FILE_BYTES)
    return _read_xlsx(content, passed_over) if content.startswith(ZIP_MAGIC) else [_read_csv(name, content)]


def write_csv(table: Table) -> bytes:
    """A table as CSV that Excel opens: UTF-8 with its mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.header)
    writer.writerows([_harmless(cell) for cell in row] for _number, row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(tables: Iterable[Table]) -> bytes:
    """Tables as the sheets of one XLSX file; every cell is a text, so that none is a formula."""
    book = openpyxl.Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = "A2"
        for row in (table.header, *(cells for _number, cells in table.rows)):
            sheet.append([_text_cell(sheet, _harmless(value)) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text_cell(sheet: Any, value: str) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell


def _harmless(value: str) -> str:
    return f"'{value}" if value.lstrip("'").startswith(FORMULA) else value


def _plain(value: str) -> str:
    return value[1:] if value.startswith("'") and value.lstrip("'").startswith(FORMULA) else value


def _read_csv(name: str, content: bytes) -> Table:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")  # what Excel writes on a Chinese Windows
        except UnicodeDecodeError:
            raise ValidationError(_("This is no CSV file in UTF-8 or GB 18030, and no XLSX file.")) from None
    if "\0" in text:
        raise ValidationError(_("This is no CSV file in UTF-8 or GB 18030, and no XLSX file."))
    try:
        return _table(name.rpartition("/")[2].partition(".")[0], csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ValidationError(_("The CSV file cannot be read: %(error)s") % {"error": error}) from None


def _read_xlsx(content: bytes, passed_over: frozenset[str]) -> list[Table]:
    _refuse_bomb(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets[:TABLES] if sheet.sheet_state == "visible"]
        return [_table(sheet.title, () if sheet.title in passed_over else _cells(sheet)) for sheet in sheets]
    except ValidationError:
        raise
    except Exception as error:  # noqa: BLE001 (openpyxl names no errors of its own: whatever it stumbles on, the file is at fault)
        words = {"error": f"{type(error).__name__}: {str(error)[:200]}"}
        raise ValidationError(_("The XLSX file cannot be read (%(error)s): save it again as XLSX.") % words) from None


def _refuse_bomb(content: bytes) -> None:
    """Refuse by the archive's own list of contents, before anything is unpacked; it unpacks to no more than it says."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise ValidationError(_("The XLSX file is damaged: save it again.")) from None
    if len(parts) > PARTS:
        words = {"parts": len(parts), "most": PARTS}
        raise ValidationError(_("The XLSX file holds %(parts)d parts; at most %(most)d are taken.") % words)
    unpacked = sum(part.file_size for part in parts)
    if unpacked > UNPACKED_BYTES:
        raise _too_large(unpacked, UNPACKED_BYTES)


def _cells(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # what the file says of its size is not believed
    for row in sheet.iter_rows(values_only=True):  # one that is too wide is the last
        yield [_word(value) for value in row]


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # Excel holds 653101 as 653101.0
    return str(value)


def _table(name: str, lines: Iterable[Sequence[str]]) -> Table:
    rows = []
    for number, line in enumerate(lines, 1):
        if number > ROWS + 1:
            raise ValidationError(_("“%(table)s” has more than %(most)d rows.") % {"table": name, "most": ROWS})
        filled = max((place for place, cell in enumerate(line, 1) if cell), default=0)
        cells = tuple(_plain(cell.strip()) for cell in line[:filled])
        if len(cells) > COLUMNS:
            raise ValidationError(_("“%(table)s” has more than %(most)d columns.") % {"table": name, "most": COLUMNS})
        if any(len(cell) > CELL for cell in cells):
            words = {"table": name, "row": number, "most": CELL}
            raise ValidationError(_("“%(table)s”, row %(row)d: a cell has more than %(most)d characters.") % words)
        if cells:
            rows.append((number, cells))
    if not rows:
        return Table(name, (), ())
    return Table(name, rows[0][1], tuple(rows[1:]))


def _too_large(size: int, most: int) -> ValidationError:
    words = {"size": size // 2**20 + 1, "most": most // 2**20}
    return ValidationError(_("The file has %(size)d MiB; at most %(most)d are taken.") % words)
