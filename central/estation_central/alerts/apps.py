"""Tells Django of this app."""

from __future__ import annotations

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Alerts, who is told of them, and what is silenced."""

    name = "estation_central.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"
