"""SQLite on a card that may lose power at any instant: one way to open it, for journal and library alike."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

BUSY_MILLISECONDS: Final = 5000
PAGE_BYTES: Final = 1024  # small pages: a commit of one record wears the card four times less than with 4096
CHECKPOINT_PAGES: Final = 512


def connect(path: Path, *, durable: bool = True, busy_milliseconds: int = BUSY_MILLISECONDS) -> sqlite3.Connection:
    """Open (or make) the database at ``path`` in WAL mode, autocommit, rows as tuples.

    ``durable``: a commit is on the card when it returns (synchronous=FULL). ``busy_milliseconds``: how long a
    statement waits for somebody else's lock. Raises `sqlite3.Error`.
    """
    connection = sqlite3.connect(path, timeout=busy_milliseconds / 1000, isolation_level=None)
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    connection.execute("PRAGMA cache_size=-512")  # 512 KiB: the box has 512 MB for everything
    return connection
