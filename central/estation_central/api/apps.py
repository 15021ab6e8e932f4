"""Tells Django of this app."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Tokens of the API."""

    name = "estation_central.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
