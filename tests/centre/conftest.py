"""A state folder with tables, a PostgreSQL cluster, and a store of either kind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from estation_central.collector.interfaces import Store
from estation_central.collector.postgres import PostgresStore
from estation_central.collector.sqlite import SqliteStore
from tests.support import made_centre
from tests.support.postgres import Postgres

Query = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session", name="made_centre")
def a_made_centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre's state folder after `estation-central init`; copy it, do not use it."""
    state = tmp_path_factory.mktemp("centre")
    made_centre.make(state)
    return state


@pytest.fixture
def state(made_centre: Path, tmp_path: Path) -> Path:
    """A centre's own state folder."""
    return shutil.copytree(made_centre, tmp_path / "state")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster for all tests; it has the database ``made`` with tables in it."""
    with made_centre.postgres() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, state: Path) -> str:
    """The URL of an empty database of either kind; empty for SQLite in ``state``."""
    if request.param == "sqlite":
        return ""
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.url(cluster.new_database("made"))


@pytest.fixture
def store(database: str, state: Path) -> Iterator[Store]:
    """The collector's store over that database."""
    with closing(PostgresStore(database) if database else SqliteStore(state / "centre.sqlite3")) as made:
        yield made


@pytest.fixture
def query(store: Store) -> Query:
    """Asks the database in SQL."""

    def ask(statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with store.transaction() as transaction:
            return transaction.run(statement, parameters)

    return ask


@pytest.fixture(scope="session")
def django(made_centre: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Django in this process, over a SQLite database of its own in demonstration mode."""
    state = shutil.copytree(made_centre, tmp_path_factory.mktemp("django") / "state")
    os.environ["ESTATION_CENTRE_STATE"] = str(state)
    os.environ["ESTATION_CENTRE_DEMO"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "estation_central.site.settings"
    import django  # noqa: PLC0415

    django.setup()
    return state
