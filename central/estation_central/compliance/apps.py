"""Tells Django of this app."""

from __future__ import annotations

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """Sites' weeks and what was shown."""

    name = "estation_central.compliance"
    label = "compliance"
    default_auto_field = "django.db.models.BigAutoField"
