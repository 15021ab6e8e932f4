"""The journal's records in SQLite: one table of bytes by number, one of four facts, one of what was delivered when."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from estation_box.drivers import sqlite
from estation_box.journal.interfaces import (
    CardBrokenError,
    CardFullError,
    CardReadOnlyError,
    JournalUnavailableError,
)
from estation_box.journal.rules import Held, Row

BUSY_MILLISECONDS: Final = 500  # core alone writes here: a tool that was left open must not hang the box's head
_TABLES: Final = """
    BEGIN;
    CREATE TABLE IF NOT EXISTS records (seq INTEGER PRIMARY KEY, raw BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS journal (
        one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, serial TEXT NOT NULL, watermark INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS delivered (day INTEGER PRIMARY KEY, watermark INTEGER NOT NULL);
    COMMIT;
"""
_FOREIGN_SUFFIX: Final = ".set-aside"  # one is kept, for the technician; the next takes its place
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class SqliteJournalStore:
    """The journal at ``path``, bound to the box with ``serial``; ``new_id`` makes 32 random hex digits."""

    def __init__(self, path: Path, serial: str, new_id: Callable[[], str]) -> None:
        self._path = path
        self._serial = serial
        self._new_id = new_id
        self._connection: sqlite3.Connection | None = None
        self._damaged = False

    def open(self) -> Held:
        """See `JournalStore.open`; a file in which damage was found is set aside like another box's."""
        self.close()
        if not self._damaged:
            try:
                return self._open()
            except _DamagedError:
                pass
        self._set_aside()
        self._damaged = False
        return self._open()

    def append(self, rows: Sequence[Row], watermark: int) -> None:
        """See `JournalStore.append`."""
        with self._working() as database, _transaction(database):
            database.executemany("INSERT INTO records VALUES (?, ?)", rows)
            database.execute("UPDATE journal SET watermark = ? WHERE watermark <> ?", (watermark, watermark))

    def read(self, after: int, limit: int) -> list[Row]:
        """See `JournalStore.read`."""
        with self._working() as database:
            found = database.execute("SELECT seq, raw FROM records WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
            return [Row(*each) for each in found]

    def forget(self, day: int, days: int, watermark: int) -> int:
        """See `JournalStore.forget`."""
        with self._working() as database, _transaction(database):
            database.execute("UPDATE journal SET watermark = ?", (watermark,))
            database.execute("INSERT OR REPLACE INTO delivered VALUES (?, ?)", (day, watermark))
            old = database.execute("SELECT max(watermark) FROM delivered WHERE day <= ?", (day - days,)).fetchone()[0]
            if old is not None:
                # the last one stays, whatever its age: the next number comes from it
                database.execute(
                    "DELETE FROM records WHERE seq <= ? AND seq < (SELECT max(seq) FROM records)",
                    (min(old, watermark),),
                )
                database.execute("DELETE FROM delivered WHERE day <= ?", (day - days,))
            first = database.execute("SELECT min(seq) FROM records").fetchone()[0]
            return int(first or 0)

    def renew(self) -> Held:
        """See `JournalStore.renew`."""
        with self._working():
            pass
        self._set_aside()
        return self.open()

    def close(self) -> None:
        """See `JournalStore.close`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> Held:
        with self._working() as database:
            database.executescript(_TABLES)
            known = database.execute("SELECT id, serial, watermark FROM journal").fetchone()
            if known is None:
                known = (self._new_id(), self._serial, 0)
                database.execute("INSERT INTO journal VALUES (1, ?, ?, ?)", known)
            journal, serial, watermark = known
            if serial == self._serial:
                # two queries: SQLite walks the whole table for min and max in one
                first = database.execute("SELECT min(seq) FROM records").fetchone()[0] or 0
                last = database.execute("SELECT max(seq) FROM records").fetchone()[0] or 0
                return Held(journal, first, last, watermark)
        self._set_aside()
        return self._open()

    def _set_aside(self) -> None:
        """Rename the file, with nothing of it left in a write-ahead log that would be taken for the next one's."""
        if self._connection is not None and not self._damaged:
            with self._working() as database:
                database.execute("PRAGMA journal_mode=DELETE")
        self.close()
        try:
            self._path.replace(self._path.with_name(self._path.name + _FOREIGN_SUFFIX))
            for rest in ("-wal", "-shm"):
                self._path.with_name(self._path.name + rest).unlink(missing_ok=True)
        except OSError as error:
            raise _translated(error, self._path.parent) from None

    @contextmanager
    def _working(self) -> Iterator[sqlite3.Connection]:
        """The open database; errors come out as the journal's own, with the connection closed."""
        try:
            if self._connection is None:
                self._connection = sqlite.connect(self._path, busy_milliseconds=BUSY_MILLISECONDS)
            yield self._connection
        except (sqlite3.Error, OSError) as error:
            self.close()
            refusal = _translated(error, self._path.parent)
            self._damaged = isinstance(refusal, _DamagedError)
            raise refusal from None


class _DamagedError(CardBrokenError):
    """What lies there is not a database any more."""


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _translated(error: sqlite3.Error | OSError, folder: Path) -> JournalUnavailableError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    number = getattr(error, "errno", None)
    if code in _DAMAGED:
        return _DamagedError(str(error))
    if code == sqlite3.SQLITE_FULL or number in {errno.ENOSPC, errno.EDQUOT}:
        return CardFullError()
    if code == sqlite3.SQLITE_READONLY or number == errno.EROFS or sqlite.is_read_only(folder):
        return CardReadOnlyError()
    return CardBrokenError(str(error))
