"""Tells Django of this app, and the audit log what it is to watch."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps


class AccountsConfig(AppConfig):
    """Roles and the log."""

    name = "estation_central.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Watch every table that people change. Of officers and users no more is kept than that they were changed."""
        from auditlog.registry import auditlog  # noqa: PLC0415 (it wants all apps loaded)

        whole = (
            "Region",
            "RegionCode",
            "Body",
            "Calendar",
            "ClosedWeek",
            "Box",
            "BoxAssignment",
            "Placement",
            "Transfer",
            "Delivery",
        )
        for name in whole:
            auditlog.register(apps.get_model("registry", name))
        site: dict[str, Any] = {"m2m_fields": {"partners"}}
        auditlog.register(apps.get_model("registry", "Site"), **site)
        auditlog.register(apps.get_model("registry", "Officer"), exclude_fields=["name", "phone"])
        auditlog.register(apps.get_model("registry", "OfficerLink"), include_fields=["officer", "until"])
        auditlog.register(apps.get_model("stations", "Station"))
        auditlog.register(apps.get_model("stations", "Command"), include_fields=["station"])
        for name in ("LedgerTerms", "Budget", "Batch", "ExcusedWeek", "Receipt"):
            auditlog.register(apps.get_model("ledger", name))
        auditlog.register(
            apps.get_model("bulletins", "Notice"), exclude_fields=["payload", "letter", "ending", "end_letter"]
        )
        auditlog.register(apps.get_model("accounts", "Grant"))
        auditlog.register(apps.get_model("auth", "User"), include_fields=["username", "is_active", "is_superuser"])
