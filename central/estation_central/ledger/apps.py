"""Tells Django of this app."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Subsidies and their payment."""

    name = "estation_central.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
