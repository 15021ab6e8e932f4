"""A centre as `estation-central init` leaves it. Its tables are made once, by the command itself, and then copied."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Final

import psycopg

from estation_central import setting_up
from estation_central.broker.configuration import Listeners
from estation_central.settings import CentreSettings, secret
from tests.support import kept
from tests.support.centre import central
from tests.support.mosquitto import free_port
from tests.support.postgres import Postgres

SET_UP_SECONDS: Final = 300.0  # three seconds' work; a hang shows all the same, and a busy machine spoils no test
TABLES: Final = "centre.sqlite3"
HERE: Final = "127.0.0.1"
MADE: Final = "made"


def make(state: Path) -> Listeners:
    """Set a centre up in ``state``, as far as it is missing there; where its broker is to listen."""
    listeners = Listeners(address=HERE, tls=free_port(), websocket=free_port(), demo=free_port())
    settings = CentreSettings(state=state)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.sqlite_file.exists():
        shutil.copy(_tables(), settings.sqlite_file)
    secret(settings)
    setting_up.arrange(settings, [], listeners)
    return listeners


def postgres() -> Postgres:
    """A PostgreSQL cluster with the database `MADE`, in which a centre's tables are."""
    with kept.once(_folder("postgres")) as data:
        if data is not None:
            _forget("postgres")
            with Postgres() as cluster:
                with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE {MADE}")
                done = central(cluster.folder, "migrate", database=cluster.url(MADE), seconds=SET_UP_SECONDS)
                assert done.returncode == 0, done.stderr
                cluster.keep(data)
    return Postgres(_folder("postgres"))


def _tables() -> Path:
    with kept.once(_folder("sqlite")) as state:
        if state is not None:
            _forget("sqlite")
            done = central(state, "init", "--listen", HERE, seconds=SET_UP_SECONDS)
            assert done.returncode == 0, done.stderr
    return _folder("sqlite") / TABLES


def _forget(kind: str) -> None:
    """Remove the tables of an older program."""
    for older in _folder(kind).parent.glob(f"{kind}-*"):
        shutil.rmtree(older)


@cache
def _folder(kind: str) -> Path:
    """Where tables of this kind are kept: another place as soon as the program, a package or the user is another."""
    sources = [*(kept.ROOT / "central").rglob("*.py"), kept.ROOT / "requirements/all.lock"]
    return kept.BUILD / f"test-centre-{os.geteuid()}" / f"{kind}-{kept.key(sources)}"
