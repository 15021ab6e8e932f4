"""SQLite on a card that may lose power at any instant: one way to open it, for journal and library alike."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

BUSY_MILLISECONDS: Final = 5000
PAGE_BYTES: Final = 1024  # small pages: a commit of one record wears the card four times less than with 4096
CHECKPOINT_PAGES: Final = 512


def connect(path: Path, *, durable: bool = True, busy_milliseconds: int = BUSY_MILLISECONDS) -> sqlite3.Connection:
    """Open (or make) the database at ``path`` in WAL mode, autocommit, rows as tuples; a read-only card is only read.

    ``durable``: a commit is on the card when it returns (synchronous=FULL). ``busy_milliseconds``: how long a
    statement waits for somebody else's lock. Raises `sqlite3.Error`.
    """
    seconds = busy_milliseconds / 1000
    connection = sqlite3.connect(path, timeout=seconds, isolation_level=None)
    try:
        _set_up(connection, durable=durable)
    except sqlite3.OperationalError as error:
        connection.close()
        # Even a reader wants two files beside the database, and the last one that closed it took them away.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN or not is_read_only(path.parent):
            raise
        as_it_is = f"{path.absolute().as_uri()}?immutable=1"
        connection = sqlite3.connect(as_it_is, timeout=seconds, isolation_level=None, uri=True)
    return connection


def is_read_only(folder: Path) -> bool:
    """Whether the card is mounted read-only: SQLite then says only that it cannot open the file."""
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _set_up(connection: sqlite3.Connection, *, durable: bool) -> None:
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    connection.execute("PRAGMA cache_size=-512")  # 512 KiB: the box has 512 MB for everything
