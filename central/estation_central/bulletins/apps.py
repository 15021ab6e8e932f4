"""Tells Django of this app."""

from __future__ import annotations

from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    """Drafts, signed letters, and what became of them."""

    name = "estation_central.bulletins"
    label = "bulletins"
    default_auto_field = "django.db.models.BigAutoField"
