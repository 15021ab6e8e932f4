"""The library's database as sync writes it; every change is one transaction."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from estation_box.drivers.library_store import EPOCH, KEPT, SOUND_SIZE, WHOLE, LibraryStore, guarded, seconds
from estation_box.library import said
from estation_box.library.card_interfaces import Place
from estation_box.library.interfaces import CardError
from estation_box.library.letters import VOICES_NAME
from estation_box.library.rules import Planned
from estation_wire.bulletins import BULLETINS_NAME, Bulletin, Bulletins
from estation_wire.decoding import decoder
from estation_wire.library import CATALOGUE_NAME, PROGRAMME_NAME, PROVISIONERS_NAME, Catalogue, Programme, Provisioners
from estation_wire.planner import Length, Slot
from estation_wire.values import CONTRACT_MAJOR
from estation_wire.versions import stand_ins
from estation_wire.voices import Voice

KEPT_SLOTS: Final = timedelta(days=15)  # what was planned stays known for longer than a week: a miss is a miss
_BULLETIN: Final = msgspec.json.Decoder(Bulletin)
KEPT_PAST: Final = 3000  # items that left the catalogue: two libraries of the field, in 2 MB
_PAST: Final = (
    "INSERT OR REPLACE INTO past SELECT id, ?, body FROM item WHERE id = ?",
    "DELETE FROM past WHERE id NOT IN (SELECT id FROM past ORDER BY version DESC, id LIMIT ?)",
)
_SIZES: Final = f"SELECT id, size FROM item WHERE typeof(id) = 'text' AND {SOUND_SIZE}"  # noqa: S608 - our own words
_LENGTHS: Final = (
    "SELECT id, seconds, counting FROM item"
    " WHERE typeof(id) = 'text' AND typeof(seconds) = 'real' AND typeof(counting) = 'real'"
)
_PLANNED: Final = (
    "SELECT start, rule, series, priority, length, counting, yields_to, contents FROM slot WHERE start >= ?"
)


class LibraryWriter(LibraryStore):
    """See `Documents`, `Stock`, `Table` and `FilmBook`."""

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
        voices: tuple[Voice, ...] | None = None,
    ) -> None:
        """See `Documents.load`. The catalogue is kept as rows, the others as documents; what is recalled is removed."""
        if catalogue is not None:
            self._remove(catalogue.recalled)  # before the rows: cut off here, it is done again at the next visit
        with self._transaction():
            if catalogue is not None:
                self._catalogue(catalogue)
                recalled = msgspec.json.encode(catalogue.recalled)
                self._document(CATALOGUE_NAME, digests[CATALOGUE_NAME], catalogue.version, recalled)
            if programme is not None:
                body = msgspec.json.encode(programme)
                self._document(PROGRAMME_NAME, digests[PROGRAMME_NAME], programme.version, body)
            if provisioners is not None:
                self._document(PROVISIONERS_NAME, digests[PROVISIONERS_NAME], 0, msgspec.json.encode(provisioners))
            if bulletins is not None:
                self._notices("notice", bulletins.bulletins)
                self._document(BULLETINS_NAME, digests[BULLETINS_NAME], bulletins.version, None)
            if voices is not None:
                self._document(VOICES_NAME, digests[VOICES_NAME], 0, msgspec.json.encode(voices))

    def programme(self) -> Programme | None:
        """See `Documents.programme`."""
        body = self._body(PROGRAMME_NAME)
        with guarded():
            return decoder(Programme).decode(body) if body else None

    def bulletins(self) -> Bulletins | None:
        """See `Documents.bulletins`. Row by row: 4,400 of them are 6 MB, and would be in memory three times at once."""
        with guarded():
            row = self._connection.execute(
                "SELECT version, body FROM document WHERE name = ?", (BULLETINS_NAME,)
            ).fetchone()
            if row is None:
                return None
            if row[1]:  # as version 2 of the tables kept them
                return decoder(Bulletins).decode(row[1])
            bodies = self._connection.execute("SELECT body FROM notice ORDER BY id")
            told = tuple(_BULLETIN.decode(body) for (body,) in bodies)
            return Bulletins(v=CONTRACT_MAJOR, version=row[0], bulletins=told)

    def provisioners(self) -> Provisioners | None:
        """See `Documents.provisioners`."""
        body = self._body(PROVISIONERS_NAME)
        with guarded():
            return decoder(Provisioners).decode(body) if body else None

    def contents(self) -> dict[str, int]:
        """See `Stock.contents`."""
        with guarded():
            return dict(self._connection.execute(_SIZES).fetchall())

    def holdings(self) -> frozenset[str]:
        """See `Stock.holdings`; what the card has lost or cut since is not held."""
        with guarded():
            rows = self._connection.execute(WHOLE).fetchall()
        there = _sizes(self._cache)
        return frozenset(content for content, size in rows if there.get(content) == size)

    def have(self, content: str, size: int, block_list: bytes) -> None:
        """See `Stock.have`."""
        with self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO held VALUES (?, ?, ?)", (content, size, block_list))
            self._connection.execute("DELETE FROM bad WHERE content = ?", (content,))

    def kept(self) -> dict[str, int]:
        """See `FilmBook.kept`."""
        with guarded():
            return dict(self._connection.execute(KEPT).fetchall())

    def block_list(self, content: str) -> bytes:
        """See `FilmBook.block_list`."""
        with guarded():
            row = self._connection.execute("SELECT blocks FROM held WHERE content = ?", (content,)).fetchone()
        return row[0] if row and isinstance(row[0], bytes) else b""

    def bad(self, content: str) -> tuple[int, ...]:
        """See `FilmBook.bad`."""
        with guarded():
            rows = self._connection.execute("SELECT block FROM bad WHERE content = ?", (content,)).fetchall()
        return tuple(block for (block,) in rows if isinstance(block, int) and block >= 0)

    def doubt(self, place: Place) -> None:
        """See `FilmBook.doubt`."""
        with self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO bad VALUES (?, ?)", place)

    def forget(self, contents: tuple[str, ...]) -> None:
        """See `FilmBook.forget`."""
        ids = [(content,) for content in contents]
        with self._transaction():
            self._connection.executemany("DELETE FROM held WHERE content = ?", ids)
            self._connection.executemany("DELETE FROM bad WHERE content = ?", ids)

    def scrubbed(self) -> Place:
        """See `FilmBook.scrubbed`."""
        with guarded():
            row = self._connection.execute(
                "SELECT content, block FROM scrubbed WHERE typeof(content) = 'text' AND typeof(block) = 'integer'"
            ).fetchone()
        return Place(*row) if row else Place("", 0)

    def scrub_on(self, place: Place) -> None:
        """See `FilmBook.scrub_on`."""
        with self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO scrubbed VALUES (1, ?, ?)", place)

    def lengths(self) -> dict[str, Length]:
        """See `Stock.lengths`."""
        with guarded():
            rows = self._connection.execute(_LENGTHS).fetchall()
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
            changed |= self._notices("bulletin", plan.bulletins)
            if changed or self.planned_until() != plan.until:
                ask("INSERT OR REPLACE INTO mark VALUES ('planned-until', ?)", (last,))
        return changed

    def _notices(self, table: str, new: Iterable[Bulletin]) -> bool:
        """Make the table hold these bulletins; whether it held others.

        One at a time, and compared as values: a text that is encoded keeps its bytes beside it in memory.
        """
        ask = self._connection.execute
        gone = {identity for (identity,) in ask(f"SELECT id FROM {table}")}  # noqa: S608 - our own words
        changed = False
        for each in new:
            gone.discard(each.id)
            row = ask(f"SELECT body FROM {table} WHERE id = ?", (each.id,)).fetchone()  # noqa: S608
            if row is None or _bulletin(row[0]) != each:
                body = msgspec.json.encode(each)
                ask(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", (each.id, each.priority, body))  # noqa: S608
                changed = True
        self._connection.executemany(f"DELETE FROM {table} WHERE id = ?", [(each,) for each in gone])  # noqa: S608
        return changed or bool(gone)

    def _same(self, table: str, columns: str, new: set[Any]) -> bool:
        """Make the small table hold ``new``; whether it held something else."""
        old = set(self._connection.execute(f"SELECT {columns} FROM {table}").fetchall())  # noqa: S608 - our own words
        marks = ",".join("?" * len(columns.split(",")))
        gone = [row[:1] for row in old - new]
        self._connection.executemany(f"DELETE FROM {table} WHERE {columns.split(',', maxsplit=1)[0]} = ?", gone)  # noqa: S608
        self._connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", list(new - old))  # noqa: S608
        return old != new

    def _catalogue(self, catalogue: Catalogue) -> None:
        rows = self._connection.execute("SELECT id, body, counting FROM item").fetchall()
        old = {identity: (body, counting) for identity, body, counting in rows}
        beside = stand_ins(catalogue.items)  # counts where its film is shown, and fills no session of its own
        new = {
            item.id: (item, msgspec.json.encode(item), 0.0 if item.id in beside else item.counting)
            for item in catalogue.items
        }
        gone = [(identity,) for identity in old if identity not in new]
        self._connection.executemany(_PAST[0], [(catalogue.version, identity) for (identity,) in gone])
        self._connection.executemany("DELETE FROM item WHERE id = ?", gone)
        self._connection.execute(_PAST[1], (KEPT_PAST,))
        changed = [
            (identity, item.size, item.seconds, counting, body)
            for identity, (item, body, counting) in new.items()
            if old.get(identity) != (body, counting)
        ]
        self._connection.executemany("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?)", changed)
        self._connection.executemany("DELETE FROM held WHERE content = ?", [(each,) for each in catalogue.recalled])
        self._connection.execute("DELETE FROM series")
        titles = [(series.id, msgspec.json.encode(series.titles)) for series in catalogue.series]
        self._connection.executemany("INSERT OR REPLACE INTO series VALUES (?, ?)", titles)

    def _remove(self, contents: Iterable[str]) -> None:
        try:
            for content in contents:
                (self._cache / content).unlink(missing_ok=True)
        except OSError as error:
            raise CardError(said.BOX_FAULT, str(error)) from error

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


def _bulletin(body: Any) -> Bulletin | None:
    """A row's bulletin; None where the row is damaged, and is written anew."""
    try:
        return _BULLETIN.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError):
        return None


def _sizes(folder: Path) -> dict[str, int]:
    """The sizes of the files in a folder by name: one pass, for a library has thousands. Raises `CardError`."""
    try:
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            return {entry.name: entry.stat().st_size for entry in entries}
    except OSError as error:
        raise CardError(said.BOX_FAULT, str(error)) from error
    return {}


def _row(slot: Slot) -> tuple[Any, ...]:
    contents = msgspec.json.encode(slot.contents)
    return (
        seconds(slot.start), slot.rule, slot.series, slot.priority, slot.length, slot.counting, slot.yields_to, contents
    )  # fmt: skip
