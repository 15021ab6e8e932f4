"""Takes tables into the registry: first every row is read and judged, then all is written, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from auditlog.context import disable_auditlog
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from msgspec import Struct, field

from estation_central.registry.transfer import closing
from estation_central.registry.transfer.cells import Column, Words
from estation_central.registry.transfer.files import Table
from estation_central.registry.transfer.known import Known
from estation_central.registry.transfer.past import past_of
from estation_central.registry.transfer.saving import Change, Saver
from estation_central.registry.transfer.sheets import SHEETS, SITE_OF_STATION, SITES, STATIONS, Sheet, sheet_of

FAULTS_SHOWN: Final = 200
CHANGES_SHOWN: Final = 20  # of one sheet
_MISSING: Final = gettext_lazy("is empty")


class Fault(Struct, frozen=True):
    """What is wrong in a row of a file; row 0 is the file itself."""

    sheet: str
    row: int
    column: str
    words: str


class Count(Struct):
    """What becomes of the rows of one sheet, and the first changes in words: row, column, before, after."""

    title: Words
    created: int = 0
    changed: int = 0
    same: int = 0
    changes: list[tuple[str, str, str, str]] = field(default_factory=list)


class Outcome(Struct):
    """What taking a file does, or would do. ``digest`` is of all changes: the same file later may do something else."""

    counts: dict[str, Count] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    passed_over: list[Words] = field(default_factory=list)
    """Tables of what was before, which no file writes."""
    digest: str = ""

    @property
    def nothing(self) -> bool:
        """Whether the registry holds all of it already."""
        return not any(count.created or count.changed for count in self.counts.values())

    def tell(self, sheet: str, row: int, column: str, words: Any) -> None:
        """Keep a fault; of very many, the first."""
        if len(self.faults) < FAULTS_SHOWN:
            self.faults.append(Fault(sheet, row, column, str(words)))


def take(tables: Sequence[Table], now: datetime, *, keep: bool, expected: str = "") -> Outcome:
    """Take tables; nothing is kept where a row is wrong, ``keep`` is false, or what it does is not ``expected``.

    ``expected`` is the digest of an outcome that somebody has looked at.
    """
    try:
        with disable_auditlog(), transaction.atomic():  # a file is one entry of the log: see `Transfer`
            taker = _Taker(now)
            taker.take(tables)
            outcome = taker.outcome
            if outcome.faults or not keep or expected not in {"", outcome.digest}:
                transaction.set_rollback(True)
    except IntegrityError as error:  # the last wall
        outcome = Outcome()
        outcome.tell("", 0, "", _("The database refuses it: %(error)s") % {"error": str(error).splitlines()[0]})
    return outcome


class _Taker:
    def __init__(self, now: datetime) -> None:
        self.outcome = Outcome()
        self._known = Known()
        self._now = now
        self._saver = Saver(self._known, now)
        self._digest = hashlib.sha256()

    def take(self, tables: Sequence[Table]) -> None:
        found, sites = self._sorted(tables), list[Change]()
        for sheet, table in found:
            changes = self._changes(sheet, table)
            if not self.outcome.faults:
                for number, error in self._saver.save(sheet, changes):
                    self._refuse(sheet, number, error)
            if sheet is SITES:
                sites = changes
        if not self.outcome.faults:
            self._close(sites)
        self.outcome.digest = self._digest.hexdigest()

    def _close(self, sites: Iterable[Change]) -> None:
        """Sites that the file closes, once all of it is written: their stations go along, or the row is refused."""
        for change in closing.closed(sites):
            try:
                moved = closing.leave(change.row, self._now)
            except ValidationError as error:
                self._refuse(SITES, change.number, error)
                continue
            for station in moved:
                fields: dict[Column, Any] = {SITE_OF_STATION: (change.row.pk, station.site.pk)}
                count = self.outcome.counts.setdefault(STATIONS.name, Count(title=STATIONS.title))
                self._count(count, STATIONS, Change(number=0, row=station, fields=fields))

    def _sorted(self, tables: Iterable[Table]) -> list[tuple[Sheet, Table]]:
        found: dict[str, tuple[Sheet, Table]] = {}
        for table in tables:
            if (before := past_of(table.name)) is not None:
                self.outcome.passed_over.append(before.title)
                continue
            if not table.header:
                continue
            sheet = sheet_of(table.name, table.header)
            if sheet is None:
                names = ", ".join(f"{each.name} ({each.title})" for each in SHEETS)
                words = _("No table of the registry has this name or these headings; there are: %(names)s")
                self.outcome.tell(table.name, 0, "", words % {"names": names})
            elif sheet.name in found:
                self.outcome.tell(sheet.name, 0, "", _("This table is in the file twice."))
            else:
                found[sheet.name] = sheet, table
        if not found and not self.outcome.faults and not self.outcome.passed_over:
            self.outcome.tell("", 0, "", _("There is no row in this file."))
        return [found[sheet.name] for sheet in SHEETS if sheet.name in found]

    def _headings(self, sheet: Sheet, header: Sequence[str]) -> list[Column]:
        columns = []
        for heading in header:
            column = sheet.column(heading)
            if column is None or column in columns:
                names = ", ".join(each.name for each in sheet.columns)
                words = _("There is no such column, or it is there twice; columns are: %(names)s") % {"names": names}
                self.outcome.tell(sheet.name, 1, heading[:100], words)
            else:
                columns.append(column)
        for needed in sheet.columns:
            if needed.needed and needed not in columns:
                self.outcome.tell(sheet.name, 1, str(needed.title), _("This column is missing."))
        return columns

    def _changes(self, sheet: Sheet, table: Table) -> list[Change]:
        before = len(self.outcome.faults)
        columns = self._headings(sheet, table.header)
        if len(self.outcome.faults) > before:
            return []
        count = self.outcome.counts.setdefault(sheet.name, Count(title=sheet.title))
        rows: list[tuple[int, tuple[Any, ...], dict[Column, Any]]] = []
        seen: set[tuple[Any, ...]] = set()
        for number, cells in table.rows:
            values = self._values(sheet, number, columns, cells)
            if values is None:
                continue
            key = tuple(next((v for c, v in values.items() if c.name == name), None) for name in sheet.key)
            if key in seen:
                self.outcome.tell(sheet.name, number, sheet.key[0], _("The same row stands above."))
                continue
            seen.add(key)
            rows.append((number, key, values))
        self._known.expect(sheet, [key for _number, key, _values in rows])
        filled = [self._change(sheet, number, key, values) for number, key, values in rows]
        changes = [each for each in filled if each is not None and self._sound(sheet, each)]
        for change in changes:
            self._count(count, sheet, change)
        return changes

    def _values(
        self, sheet: Sheet, number: int, columns: Sequence[Column], cells: Sequence[str]
    ) -> dict[Column, Any] | None:
        values: dict[Column, Any] = {}
        for column, cell in zip(columns, [*cells, *[""] * (len(columns) - len(cells))], strict=False):
            try:
                if not cell and column.needed:
                    raise ValidationError(_MISSING)  # noqa: TRY301 (told in one place)
                values[column] = column.read(cell) if cell else column.empty
            except ValidationError as error:
                self.outcome.tell(sheet.name, number, str(column.title), " ".join(error.messages))
        if len(cells) > len(columns):
            self.outcome.tell(sheet.name, number, "", _("This row has more cells than there are headings."))
        return values if len(values) == len(columns) >= len(cells) else None

    def _change(self, sheet: Sheet, number: int, key: tuple[Any, ...], values: dict[Column, Any]) -> Change | None:
        change = Change(number=number, row=self._known.row(sheet, key), fields={})
        for column, value in values.items():
            listed = value if column.name == "partners" else [value] if column.refers and value is not None else []
            refers = column.refers or "bodies"
            missing = [each for each in listed if not self._known.has(refers, (each,))]
            if missing:
                words = _("“%(value)s” is neither in the registry nor in this file.") % {"value": missing[0]}
                self.outcome.tell(sheet.name, number, str(column.title), words)
                return None
            before = self._known.value(sheet, change.row, column)
            told = self._known.meant(sheet, change.row, column, value)
            after = list(told) if isinstance(told, tuple) else sorted(told) if column.name == "partners" else told
            if before != after:
                change.fields[column] = (before, after)
        self._saver.fill(sheet, change)
        return change

    def _sound(self, sheet: Sheet, change: Change) -> bool:
        try:
            self._saver.judge(change)
        except ValidationError as error:
            self._refuse(sheet, change.number, error)
            return False
        return True

    def _refuse(self, sheet: Sheet, number: int, error: ValidationError) -> None:
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in told.items():
            titles = [each.title for each in sheet.columns if each.name == name]
            self.outcome.tell(sheet.name, number, str(titles[0]) if titles else "", " ".join(messages))

    def _count(self, count: Count, sheet: Sheet, change: Change) -> None:
        if change.new:
            count.created += 1
        elif change.fields:
            count.changed += 1
        else:
            count.same += 1
        for column, (before, after) in change.fields.items():
            self._digest.update(repr((sheet.name, str(change.row), column.name, before, after)).encode())
            if not change.new and len(count.changes) < CHANGES_SHOWN:
                told = (str(change.row), _words(column.title), column.write(before or ""), column.write(after or ""))
                count.changes.append(told)


def _words(title: str | Promise) -> str:
    return str(title)
