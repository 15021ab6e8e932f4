"""Files that came in or went out, and those that wait until somebody has looked at what they would do."""
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Transfer(models.Model):
    """A file that was taken in or given out: who, when, which, and how much changed. Its rows are not in the log."""

    class Way(models.TextChoices):
        """Which way it went."""

        IN = "import", _("import")
        OUT = "export", _("export")

    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by"))
    way = models.CharField(_("way"), max_length=6, choices=Way.choices)
    name = models.CharField(_("file"), max_length=200)
    digest = models.CharField(_("SHA-256"), max_length=64)
    created = models.PositiveIntegerField(_("new rows"), default=0)
    changed = models.PositiveIntegerField(_("changed rows"), default=0)

    class Meta:
        db_table = "transfer"
        ordering: ClassVar = ["-at", "-id"]
        verbose_name = _("file")
        constraints: ClassVar = [models.CheckConstraint(condition=Q(way__in=("import", "export")), name="transfer_way")]

    def __str__(self) -> str:
        return f"{self.way} {self.name}"


class Delivery(models.Model):
    """Reports of boxes that somebody handed in by the page: who, when, how many were taken, and the new records."""

    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by"))
    taken = models.PositiveIntegerField(_("reports taken"))
    refused = models.PositiveIntegerField(_("reports refused"))
    records = models.PositiveIntegerField(_("new records"))

    class Meta:
        db_table = "delivery"
        ordering: ClassVar = ["-at", "-id"]
        verbose_name = _("reports by stick")
        indexes: ClassVar = [models.Index(fields=["by", "at"], name="delivery_by_at")]

    def __str__(self) -> str:
        return f"{self.taken} + {self.refused}"


class Draft(models.Model):
    """A file that waits to be confirmed by the one who sent it; one a user, and for a day."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "import_draft"

    def __str__(self) -> str:
        return str(self.name)
