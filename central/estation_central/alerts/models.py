"""The tables of alerts: what stands, who is told, who was told of what, and what is silenced."""
# A field's type is known to Django's plugin of mypy only, which wants the environment of a running centre:
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from estation_central.alerts.rules import Kind
from estation_central.registry.models import Region
from estation_central.settings import LOCAL_HOSTS
from estation_central.stations.models import SITE_LENGTH, STATION_LENGTH

SUBJECT_LENGTH = max(SITE_LENGTH, STATION_LENGTH)
CODE_LENGTH = 20
SECRET_LENGTH = 64


class Alert(models.Model):
    """One alert; the newest row of a kind and subject is the one that counts, the older ones are its history."""

    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    county = models.CharField(max_length=CODE_LENGTH)
    site = models.CharField(max_length=SITE_LENGTH, blank=True)
    detail = models.CharField(max_length=60, blank=True)
    level = models.CharField(max_length=CODE_LENGTH, blank=True)
    began = models.DateTimeField()
    level_since = models.DateTimeField()
    acknowledged = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    over = models.DateTimeField(null=True)

    class Meta:
        db_table = "alert"
        ordering: ClassVar = ["kind", "subject", "id"]
        verbose_name = _("alert")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(over=None), name="alert_once"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="alert_kind"),
        ]
        indexes: ClassVar = [models.Index(fields=["over"], name="alert_over")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class AlertChannel(models.Model):
    """Where somebody is told: an address of mail, or a web hook, of a region (of the whole network, where it is empty).

    ``daily``: only the digest. ``secret``: with it a hook's messages are signed.
    """

    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="+")
    mail = models.EmailField(blank=True)
    hook = models.URLField(blank=True, max_length=300)
    secret = models.CharField(max_length=SECRET_LENGTH, blank=True, validators=[MinLengthValidator(16)])
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    daily = models.BooleanField(default=False)
    digest_sent = models.DateField(null=True, blank=True)
    """The day whose digest it has."""

    class Meta:
        db_table = "alert_channel"
        ordering: ClassVar = ["id"]
        verbose_name = _("who is told of alerts")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(mail="") & ~Q(hook="")) | (Q(hook="", secret="") & ~Q(mail="")),
                name="alert_channel_one_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.address}"

    @property
    def address(self) -> str:
        """Where it leads, for people and for the log: of a hook its host alone, since the rest is often a secret."""
        return str(self.mail) or (urlsplit(self.hook).hostname or "")

    def clean(self) -> None:
        """Refuse a hook that would be told over an open line."""
        told = urlsplit(self.hook)
        if self.hook and told.scheme != "https" and told.hostname not in LOCAL_HOSTS:
            raise ValidationError({"hook": _("A hook begins with https://, unless it is on this machine.")})


class AlertTold(models.Model):
    """That a channel was told of an alert while it stood at a level; so nobody is told twice, and nobody never."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="told")
    channel = models.ForeignKey(AlertChannel, models.CASCADE, related_name="+")
    level = models.CharField(max_length=CODE_LENGTH, blank=True)

    class Meta:
        db_table = "alert_told"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alert", "channel", "level"], name="alert_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.alert} to {self.channel}"


class AlertSilence(models.Model):
    """Alerts that are kept from telling until an hour, and why; see `standing.Hush`."""

    kind = models.CharField(_("kind of alert"), max_length=16, blank=True)
    subject = models.CharField(_("station, site or county"), max_length=SUBJECT_LENGTH, blank=True)
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "alert_silence"
        ordering: ClassVar = ["until", "id"]
        verbose_name = _("silence")
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(reason=""), name="alert_silence_has_reason")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} until {self.until:%Y-%m-%d}"


class CatalogueSeen(models.Model):
    """Since when a catalogue's number is known as published."""

    number = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField()

    class Meta:
        db_table = "catalogue_seen"

    def __str__(self) -> str:
        return f"{self.number} since {self.since}"
