"""A bulletin from its draft to its recall. What is shown is what was signed: nobody can sign here."""
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from estation_central.registry.models import Kind, Site
from estation_central.stations.models import STATION_LENGTH, Command

NAME_LENGTH = 64
PATH_LENGTH = 200


class Priority(models.TextChoices):
    """How it is shown."""

    NORMAL = "normal", _("in the lower third, between sessions")
    URGENT = "urgent", _("in the lower third, at once")
    EMERGENCY = "emergency", _("over the whole screen, at once")


class Notice(models.Model):
    """One bulletin. ``payload`` is what is signed, byte for byte; ``letter`` what came back; so for its recall."""

    name = models.CharField(_("name"), primary_key=True, max_length=NAME_LENGTH)
    shown_as = models.CharField(max_length=NAME_LENGTH, unique=True)
    role = models.CharField(_("signed by"), max_length=NAME_LENGTH)
    priority = models.CharField(_("how it is shown"), max_length=9, choices=Priority.choices)
    title = models.CharField(_("title"), max_length=200)
    issued = models.DateTimeField(_("from"))
    not_after = models.DateTimeField(_("until"), null=True)
    payload = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by"))
    made = models.DateTimeField(_("made"))
    letter = models.TextField(blank=True)
    signed = models.DateTimeField(_("signed"), null=True)
    sent = models.DateTimeField(_("sent"), null=True)
    ending = models.TextField(blank=True)
    end_letter = models.TextField(blank=True)
    recalled = models.DateTimeField(_("recalled"), null=True)

    class Meta:
        db_table = "bulletin"
        ordering: ClassVar = ["-made", "name"]
        verbose_name = _("bulletin")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="bulletin_priority"),
            models.CheckConstraint(condition=Q(sent=None) | Q(signed__isnull=False), name="bulletin_sent_is_signed"),
            models.CheckConstraint(condition=Q(recalled=None) | ~Q(end_letter=""), name="bulletin_recalled_is_signed"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class Place(models.Model):
    """For whom it is: the sites below a region (its path; empty: everywhere), of one kind or any; or one site."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="places")
    site_id: str | None
    path = models.CharField(max_length=PATH_LENGTH, blank=True)
    kind = models.CharField(max_length=10, blank=True, choices=Kind.choices)
    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True)

    class Meta:
        db_table = "bulletin_place"

    def __str__(self) -> str:
        return f"{self.site_id or self.path} {self.kind}".strip()


class Sending(models.Model):
    """The command by which a station is sent a bulletin, or (``ends``) its recall."""

    notice_id: str
    command_id: str
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="sendings")
    station = models.CharField(max_length=STATION_LENGTH)
    command = models.OneToOneField(Command, models.CASCADE, related_name="sending", db_constraint=False)
    ends = models.BooleanField(default=False)

    class Meta:
        db_table = "bulletin_sending"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notice", "ends", "station"], name="bulletin_sending_once")
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.station}"
