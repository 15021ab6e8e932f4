"""Which database the records are in."""

from __future__ import annotations

from estation_central.collector.interfaces import Store
from estation_central.collector.postgres import PostgresStore
from estation_central.collector.sqlite import SqliteStore
from estation_central.settings import CentreSettings


def store_of(settings: CentreSettings) -> Store:
    """The database that the settings name."""
    return PostgresStore(settings.database) if settings.database else SqliteStore(settings.sqlite_file)
