"""Tells Django of this app, and the audit log what it is to watch."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps

from estation_central.accounts.logged import WATCHED


class AccountsConfig(AppConfig):
    """Roles and the log."""

    name = "estation_central.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Watch every table that people change."""
        from auditlog.registry import auditlog  # noqa: PLC0415 (it wants all apps loaded)
        from auditlog.signals import pre_log  # noqa: PLC0415

        for label, words in WATCHED.items():
            auditlog.register(apps.get_model(label), **words)
        pre_log.connect(_is_somebodys, sender=apps.get_model("alerts.Alert"))


def _is_somebodys(action: int, **_words: Any) -> bool:
    """Whether somebody did it: alerts begin by themselves, hundreds in an hour when a line is cut."""
    from auditlog.models import LogEntry  # noqa: PLC0415 (it wants all apps loaded)

    return bool(action != LogEntry.Action.CREATE)
