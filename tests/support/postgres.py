"""A throw-away PostgreSQL cluster (15 or newer) on a Unix socket; as root it runs as the user ``postgres``."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg

START_SECONDS = 30.0
CONFIGURATION = """
listen_addresses = ''
max_connections = 30
shared_buffers = 32MB
log_min_messages = fatal
"""

BRIEF = ("autovacuum=off", "fsync=off", "wal_level=minimal", "max_wal_senders=0")
"""How a copy is run, which sees hundreds of small databases: what is killed is its process, never the machine."""


class Postgres:
    """One cluster; `kill` and `start` it again as often as a test likes."""

    def __init__(self, data: Path | None = None) -> None:
        """``data``: the data of a cluster that was stopped in order, of which this one has a copy."""
        self.folder = Path(tempfile.mkdtemp(prefix="estation-pg-"))  # a socket's path must be short
        self._binaries = _binaries()
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._options = [word for option in BRIEF if data for word in ("-c", option)]
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        if data is not None:
            subprocess.run(["cp", "-a", data, self._data], check=True, timeout=60)
            return
        initdb = [self._binaries / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
        subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, capture_output=True, timeout=60, **_user())
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION)

    def __enter__(self) -> Self:
        """Start, and wait until it answers."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start, and wait until it answers; the children of a killed one may need a moment to go."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self._process is None or self._process.poll() is not None:
                with (self.folder / "log").open("ab") as log:
                    command = [self._binaries / "postgres", "-D", self._data, "-k", self.folder, *self._options]
                    self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **_user())
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.Error:
                if time.monotonic() > deadline:
                    raise AssertionError((self.folder / "log").read_text()) from None
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """End the server as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop at once; nothing of it is needed any more."""
        self._end(signal.SIGQUIT)

    def keep(self, data: Path) -> None:
        """Stop in order, and leave the data there for others."""
        self._end(signal.SIGINT)
        subprocess.run(["cp", "-a", self._data, data], check=True, timeout=60)

    def _end(self, how: int) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None

    def url(self, database: str) -> str:
        """The URL of a database of this cluster."""
        return f"postgres://postgres@/{database}?host={self.folder}"

    def new_database(self, template: str = "template1") -> str:
        """The name of a new database, made as a copy of ``template``."""
        self._databases += 1
        name = f"test{self._databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        message = "no PostgreSQL server in /usr/lib/postgresql: `make set-up` installs it"
        raise AssertionError(message)
    return found[-1].parent


def _user() -> dict[str, object]:
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
