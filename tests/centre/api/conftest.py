"""Django over an empty registry of its own, in either kind of database: as the registry's tests have it."""

from __future__ import annotations

from tests.centre.registry.conftest import tables

__all__ = ["tables"]
