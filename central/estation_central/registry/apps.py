"""Tells Django of this app."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Regions, sites, boxes, officers."""

    name = "estation_central.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
