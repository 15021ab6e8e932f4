"""Information officers: the least that is needed to reach them, and not a day longer than their duty."""
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar, Final

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from estation_central.registry.models.places import Site

PHONE_PATTERN: Final = r"^\+?[0-9][0-9 -]{4,18}[0-9]\Z"


class Officer(models.Model):
    """Who looks after a site. The row is deleted, not marked, once ``until`` has passed: see `erasing`."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="officers", verbose_name=_("site"))
    site_id: str
    name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, validators=[RegexValidator(PHONE_PATTERN)])
    until = models.DateField(_("last day of duty"), null=True, blank=True, db_index=True)

    class Meta:
        db_table = "officer"
        ordering: ClassVar = ["site", "id"]
        verbose_name = _("information officer")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "name"], name="officer_once_a_site"),
            models.CheckConstraint(condition=~Q(name=""), name="officer_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} @ {self.site_id}"  # no name: this is what the audit log keeps


class OfficerLink(models.Model):
    """The personal link of an officer, one at a time. The token itself is not kept, and nothing of when it was used."""

    officer = models.OneToOneField(Officer, models.CASCADE, primary_key=True, related_name="link")
    digest = models.CharField(max_length=64, unique=True)
    until = models.DateField(_("good until"))

    class Meta:
        db_table = "officer_link"
        verbose_name = _("personal link")

    def __str__(self) -> str:
        return f"{self.pk} until {self.until}"
