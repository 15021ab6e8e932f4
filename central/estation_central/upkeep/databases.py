"""A database copied out and put back whole: SQLite by its own backup, PostgreSQL by ``pg_dump`` and ``pg_restore``."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from estation_central.settings import CentreSettings

SQLITE: Final = "centre.sqlite3"
POSTGRES: Final = "centre.pgdump"
SECONDS: Final = 6 * 3600  # a hundred million records on a slow disk; beyond it the disk hangs
_FILLED: Final = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'journal_record'"


class UpkeepError(OSError):
    """A copy cannot be made or put back; the text says why and what to do. Nothing was left half done."""


def copy(settings: CentreSettings, folder: Path) -> Path:
    """Copy the database into ``folder``, as it stood at one moment, while it is in use; the file."""
    if settings.database:
        file = folder / POSTGRES
        _run(["pg_dump", "--format=custom", "--no-owner", f"--file={file}", settings.database])
        return file
    file = folder / SQLITE
    with closing(sqlite3.connect(settings.sqlite_file)) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
    return file


def filled(settings: CentreSettings) -> bool:
    """Whether there is a database with tables already."""
    if not settings.database:
        return settings.sqlite_file.exists()
    told = _run(["psql", "--no-psqlrc", "--tuples-only", "--no-align", f"--command={_FILLED}", settings.database])
    return int(told) > 0


def put_back(settings: CentreSettings, file: Path) -> None:
    """Let the database be what ``file`` holds, all or nothing. What SQLite had is gone; PostgreSQL's must be empty."""
    if settings.database:
        if filled(settings):
            msg = "DATABASE_URL names a database with tables in it: make an empty one beside it, and name that"
            raise UpkeepError(msg)
        _run(
            [
                "pg_restore",
                "--single-transaction",
                "--exit-on-error",
                "--no-owner",
                f"--dbname={settings.database}",
                file,
            ]
        )
        return
    beside = settings.sqlite_file.with_suffix(".restored")
    shutil.copyfile(file, beside)
    with closing(sqlite3.connect(beside)) as copied:
        if copied.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            msg = f"{file}: the database in it is damaged; take an older copy"
            raise UpkeepError(msg)
    for leftover in ("-wal", "-shm"):
        Path(f"{settings.sqlite_file}{leftover}").unlink(missing_ok=True)
    beside.chmod(0o600)
    beside.replace(settings.sqlite_file)


def _run(command: list[str | Path]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except FileNotFoundError:
        msg = f"{command[0]} is not there: install postgresql-client of the server's version"
        raise UpkeepError(msg) from None
    except subprocess.TimeoutExpired:
        msg = f"{command[0]} did not end within {SECONDS} s"
        raise UpkeepError(msg) from None
    if done.returncode:
        msg = f"{command[0]}: {done.stderr.strip()[-1000:]}"
        raise UpkeepError(msg)
    return done.stdout
