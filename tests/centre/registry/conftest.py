"""Django in this process, over an empty registry of its own for each test, in either kind of database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgres"])
def tables(request: pytest.FixtureRequest, django: Path, made_centre: Path, tmp_path: Path) -> Iterator[None]:
    """Django's tables are those of a new database."""
    from django.db import connections  # noqa: PLC0415 (Django must be set up first)

    from estation_central.settings import CentreSettings  # noqa: PLC0415
    from estation_central.site.settings import database  # noqa: PLC0415

    url = ""
    if request.param == "postgres":
        cluster: Postgres = request.getfixturevalue("postgres")
        url = cluster.url(cluster.new_database("made"))
    state = shutil.copytree(made_centre, tmp_path / "tables")
    before = connections.settings["default"]
    words = {"default": database(CentreSettings(state=state, database=url))}
    connections["default"].close()
    connections.settings["default"] = connections.configure_settings(words)["default"]
    del connections["default"]
    yield
    connections["default"].close()
    connections.settings["default"] = before
    del connections["default"]
