"""Django in this process, over an empty registry of its own for each test, in either kind of database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from estation_central.settings import CentreSettings
from tests.support.central_here import pointed_at
from tests.support.postgres import Postgres
from tests.support.registry_files import REGIONS, SITES, STATIONS, take


@pytest.fixture(params=["sqlite", "postgres"])
def tables(request: pytest.FixtureRequest, django: Path, made_centre: Path, tmp_path: Path) -> Iterator[None]:
    """Django's tables are those of a new database."""
    url = ""
    if request.param == "postgres":
        cluster: Postgres = request.getfixturevalue("postgres")
        url = cluster.url(cluster.new_database("made"))
    state = shutil.copytree(made_centre, tmp_path / "tables")
    with pointed_at(CentreSettings(state=state, database=url)):
        yield


@pytest.fixture
def small(tables: None) -> None:
    """A county with a hall and a school, a station in each."""
    for name, content in (("regions.csv", REGIONS), ("sites.csv", SITES), ("stations.csv", STATIONS)):
        assert take(name, content).faults == []
