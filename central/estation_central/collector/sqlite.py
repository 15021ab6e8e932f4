"""SQLite: the embedded default, for one machine. One writer at a time; a commit is on the disk when it returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from estation_central.collector import statements
from estation_central.collector.database import Parameters, SqlTransaction
from estation_central.collector.interfaces import StoreRefusedError, StoreUnavailableError, Transaction
from estation_central.collector.rules import Key, Mark

BUSY_SECONDS: Final = 10.0  # the pages write now and then; longer than this, something holds the file
_ADD: Final = (
    f"INSERT INTO journal_record ({', '.join(statements.ROW_COLUMNS)}) "  # noqa: S608 (names of our own)
    f"VALUES ({', '.join('?' * len(statements.ROW_COLUMNS))})"
)


class SqliteStore:
    """The database file of the centre."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def transaction(self) -> AbstractContextManager[Transaction]:
        """See `Store.transaction`."""
        return self._transaction()

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        try:
            connection = self._connection = self._connection or self._connect()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield _SqliteTransaction(connection)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
        except (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError) as error:
            raise StoreRefusedError(str(error)) from error
        except sqlite3.Error as error:
            raise StoreUnavailableError(str(error)) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")  # an acknowledgement is a promise: it must survive a power cut
        return connection

    def close(self) -> None:
        """See `Store.close`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class _SqliteTransaction(SqlTransaction):
    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__()
        self._connection = connection

    def run(self, statement: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement.replace("%s", "?"), _plain(parameters)).fetchall()

    def run_each(self, statement: str, parameters: Sequence[Parameters]) -> None:
        self._connection.executemany(statement.replace("%s", "?"), map(_plain, parameters))

    def locked(self, keys: Sequence[Key]) -> Mapping[Key, Mark]:
        found = ((key, self.run(statements.FIND_MARK, key)) for key in keys)  # BEGIN IMMEDIATE locked everything
        return {key: Mark(*rows[0]) for key, rows in found if rows}

    def add_rows(self, rows: Sequence[Parameters], meanwhile: Iterator[None]) -> None:  # noqa: ARG002 (see below)
        """The database is in this very process: there is nothing to wait for."""
        self._connection.executemany(_ADD, map(_plain, rows))


def _plain(parameters: Parameters) -> list[Any]:
    """Values as Django keeps them in SQLite: instants as text in UTC, without their offset."""
    return [
        str(value.astimezone(UTC).replace(tzinfo=None)) if isinstance(value, datetime) else value
        for value in parameters
    ]
