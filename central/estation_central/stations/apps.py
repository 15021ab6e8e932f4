"""Tells Django of this app."""

from __future__ import annotations

from django.apps import AppConfig


class StationsConfig(AppConfig):
    """Stations, their records and commands."""

    name = "estation_central.stations"
    label = "stations"
    default_auto_field = "django.db.models.BigAutoField"
