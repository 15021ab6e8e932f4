"""Tells Django of this app."""

from __future__ import annotations

from django.apps import AppConfig


class PublicationConfig(AppConfig):
    """The newest library, and the public keys that it names."""

    name = "estation_central.publication"
    label = "publication"
    default_auto_field = "django.db.models.BigAutoField"
