"""The library's database as sync writes it; every change is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from estation_box.drivers.library_store import EPOCH, LibraryStore, guarded, seconds
from estation_box.library.rules import Planned
from estation_wire.bulletins import BULLETINS_NAME, Bulletins
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME, Catalogue, Programme, Provisioners
from estation_wire.planner import Length, Slot

KEPT_SLOTS: Final = timedelta(days=15)  # what was planned stays known for longer than a week: a miss is a miss
_PLANNED: Final = (
    "SELECT start, rule, series, priority, length, counting, yields_to, contents FROM slot WHERE start >= ?"
)


class LibraryWriter(LibraryStore):
    """See `Documents`, `Stock` and `Table`."""

    def digests(self) -> Mapping[str, str]:
        """See `Documents.digests`."""
        with guarded():
            return dict(self._connection.execute("SELECT name, sha256 FROM document").fetchall())

    def load(
        self,
        *,
        digests: Mapping[str, str],
        catalogue: Catalogue | None,
        programme: Programme | None,
        provisioners: Provisioners | None,
        bulletins: Bulletins | None,
    ) -> None:
        """See `Documents.load`. The catalogue is kept as rows, the others as documents."""
        with self._transaction():
            if catalogue is not None:
                self._catalogue(catalogue)
                self._document(CATALOGUE_NAME, digests[CATALOGUE_NAME], catalogue.version, None)
            if programme is not None:
                body = msgspec.json.encode(programme)
                self._document(PROGRAMME_NAME, digests[PROGRAMME_NAME], programme.version, body)
            if provisioners is not None:
                self._document(PROVISIONERS_NAME, digests[PROVISIONERS_NAME], 0, msgspec.json.encode(provisioners))
            if bulletins is not None:
                body = msgspec.json.encode(bulletins)
                self._document(BULLETINS_NAME, digests[BULLETINS_NAME], bulletins.version, body)

    def programme(self) -> Programme | None:
        """See `Documents.programme`."""
        body = self._body(PROGRAMME_NAME)
        with guarded():
            return msgspec.json.decode(body, type=Programme) if body else None

    def bulletins(self) -> Bulletins | None:
        """See `Documents.bulletins`."""
        body = self._body(BULLETINS_NAME)
        with guarded():
            return msgspec.json.decode(body, type=Bulletins) if body else None

    def provisioners(self) -> Provisioners | None:
        """See `Documents.provisioners`."""
        body = self._body(PROVISIONERS_NAME)
        with guarded():
            return msgspec.json.decode(body, type=Provisioners) if body else None

    def contents(self) -> dict[str, int]:
        """See `Stock.contents`."""
        with guarded():
            return dict(self._connection.execute("SELECT id, size FROM item").fetchall())

    def holdings(self) -> frozenset[str]:
        """See `Stock.holdings`; what the card has lost or cut since is not held."""
        with guarded():
            rows = self._connection.execute("SELECT content FROM held").fetchall()
        return frozenset(content for (content,) in rows if self.held(content) is not None)

    def have(self, content: str, size: int, block_list: bytes) -> None:
        """See `Stock.have`."""
        with self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO held VALUES (?, ?, ?)", (content, size, block_list))

    def lengths(self) -> dict[str, Length]:
        """See `Stock.lengths`."""
        with guarded():
            rows = self._connection.execute("SELECT id, seconds, counting FROM item").fetchall()
        return {identity: Length(length, counting) for identity, length, counting in rows}

    def planned_until(self) -> datetime | None:
        """See `Table.planned_until`."""
        with guarded():
            row = self._connection.execute("SELECT value FROM mark WHERE name = 'planned-until'").fetchone()
        return EPOCH + timedelta(seconds=row[0]) if row else None

    def plan(self, plan: Planned) -> bool:
        """See `Table.plan`. Only what differs is written: the daily expansion changes one day in fourteen."""
        new = {_row(slot) for slot in plan.slots}
        first, last = seconds(plan.after), seconds(plan.until)
        with self._transaction():
            ask = self._connection.execute
            old = set(ask(_PLANNED, (first,)).fetchall())
            changed = old != new
            self._connection.executemany(
                "DELETE FROM slot WHERE start = ? AND rule = ?", [row[:2] for row in old - new]
            )
            self._connection.executemany("INSERT OR REPLACE INTO slot VALUES (?,?,?,?,?,?,?,?)", list(new - old))
            ask("DELETE FROM slot WHERE start < ?", (seconds(plan.after - KEPT_SLOTS),))
            changed |= self._same("closed", "week, reason", set(plan.closed.items()))
            told = {(each.id, each.priority, msgspec.json.encode(each)) for each in plan.bulletins}
            changed |= self._same("bulletin", "id, priority, body", told)
            if changed or self.planned_until() != plan.until:
                ask("INSERT OR REPLACE INTO mark VALUES ('planned-until', ?)", (last,))
        return changed

    def _same(self, table: str, columns: str, new: set[Any]) -> bool:
        """Make the small table hold ``new``; whether it held something else."""
        old = set(self._connection.execute(f"SELECT {columns} FROM {table}").fetchall())  # noqa: S608 - our own words
        marks = ",".join("?" * len(columns.split(",")))
        gone = [row[:1] for row in old - new]
        self._connection.executemany(f"DELETE FROM {table} WHERE {columns.split(',', maxsplit=1)[0]} = ?", gone)  # noqa: S608
        self._connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", list(new - old))  # noqa: S608
        return old != new

    def _catalogue(self, catalogue: Catalogue) -> None:
        old = dict(self._connection.execute("SELECT id, body FROM item").fetchall())
        new = {item.id: (item, msgspec.json.encode(item)) for item in catalogue.items}
        gone = [(identity,) for identity in old if identity not in new]
        self._connection.executemany("DELETE FROM item WHERE id = ?", gone)
        changed = [
            (identity, item.size, item.seconds, item.counting, body)
            for identity, (item, body) in new.items()
            if old.get(identity) != body
        ]
        self._connection.executemany("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?)", changed)
        self._connection.execute("DELETE FROM series")
        titles = [(series.id, msgspec.json.encode(series.titles)) for series in catalogue.series]
        self._connection.executemany("INSERT OR REPLACE INTO series VALUES (?, ?)", titles)

    def _document(self, name: str, digest: str, version: int, body: bytes | None) -> None:
        self._connection.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?)", (name, digest, version, body))

    def _body(self, name: str) -> bytes | None:
        with guarded():
            row = self._connection.execute("SELECT body FROM document WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with guarded():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def _row(slot: Slot) -> tuple[Any, ...]:
    contents = msgspec.json.encode(slot.contents)
    return (
        seconds(slot.start), slot.rule, slot.series, slot.priority, slot.length, slot.counting, slot.yields_to, contents
    )  # fmt: skip
