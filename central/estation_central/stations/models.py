"""The centre's tables. The collector writes most of them with SQL of its own (`estation_central.collector`)."""
# A field's type is known to Django's plugin of mypy only, which wants the environment of a running centre:
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar, Final

import msgspec
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from estation_wire.decoding import decoder
from estation_wire.values import REGION_PATTERN, STATION_PATTERN

STATION_LENGTH: Final = 48
ID_LENGTH: Final = 32
HASH_LENGTH: Final = 64
SITE_LENGTH: Final = 64
WEEK_LENGTH: Final = 8


class Station(models.Model):
    """The registry: one box on one TV. What it owes each week is its site's (`registry.models.Site`).

    ``region`` is the county code in its topics and certificate: it stays what it was when the box was provisioned.
    """

    name = models.CharField(_("station"), primary_key=True, max_length=48, validators=[RegexValidator(STATION_PATTERN)])
    region = models.CharField(_("county code"), max_length=6, validators=[RegexValidator(REGION_PATTERN)])
    title = models.CharField(_("name"), max_length=200)
    site = models.ForeignKey(
        "registry.Site", models.PROTECT, db_column="site", related_name="stations", verbose_name=_("site")
    )
    retired = models.DateField(_("given up on"), null=True, blank=True)

    class Meta:
        db_table = "station"
        ordering: ClassVar = ["region", "site", "name"]

    def __str__(self) -> str:
        return f"{self.title} ({self.name})"

    @property
    def timezone(self) -> str:
        """The zone of its site."""
        zone: str = self.site.timezone
        return zone


class EnrolmentToken(models.Model):
    """The one token by which a station's box may get its certificate over the network; the token itself is not kept.

    ``key``: the fingerprint of the key that it was used for; empty: not yet.
    """

    station = models.CharField(primary_key=True, max_length=STATION_LENGTH)
    digest = models.CharField(max_length=HASH_LENGTH, unique=True)
    not_after = models.DateTimeField()
    key = models.CharField(max_length=HASH_LENGTH, blank=True)

    class Meta:
        db_table = "enrolment_token"

    def __str__(self) -> str:
        return f"{self.station} until {self.not_after:%Y-%m-%d}"


class JournalRecord(models.Model):
    """A journal record, as it came. No unique index: watermarks keep it single, and it can be cut by month."""

    pk = models.CompositePrimaryKey("station", "journal", "seq")
    station = models.CharField(max_length=STATION_LENGTH)
    journal = models.CharField(max_length=ID_LENGTH)
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    boot = models.CharField(max_length=ID_LENGTH)
    up = models.FloatField()
    trust = models.CharField(max_length=10)
    kind = models.CharField(max_length=40)
    understood = models.BooleanField()
    raw = models.TextField()
    received = models.DateTimeField()

    class Meta:
        db_table = "journal_record"
        managed = False  # its migration makes it without the key that Django would add

    def __str__(self) -> str:
        return f"{self.station} {self.seq} {self.kind}"


class Watermark(models.Model):
    """Everything of a journal up to ``watermark`` is stored; ``hash`` is of the record there."""

    pk = models.CompositePrimaryKey("station", "journal")
    station = models.CharField(max_length=STATION_LENGTH)
    journal = models.CharField(max_length=ID_LENGTH)
    watermark = models.BigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH, blank=True)

    class Meta:
        db_table = "watermark"

    def __str__(self) -> str:
        return f"{self.station} {self.journal[:8]} up to {self.watermark}"


class Latest(models.Model):
    """The newest message of each kind of a station; of batches and replies only the hour."""

    pk = models.CompositePrimaryKey("station", "leaf")
    station = models.CharField(max_length=STATION_LENGTH)
    leaf = models.CharField(max_length=10)
    region = models.CharField(max_length=6)
    payload = models.TextField(blank=True)
    heard = models.DateTimeField(null=True)

    class Meta:
        db_table = "latest"

    def __str__(self) -> str:
        return f"{self.station} {self.leaf}"


class BroughtHealth(models.Model):
    """What the newest report by stick of a station said of the box: its health, and when a stick brought it.

    Newest is what stands at the higher ``seq`` of one journal: the box's clock may be anything. ``told`` is the hour
    by which it was said at the latest: the box's, or the centre's where that is earlier.
    """

    station = models.CharField(primary_key=True, max_length=STATION_LENGTH)
    journal = models.CharField(max_length=ID_LENGTH)
    seq = models.BigIntegerField()
    told = models.DateTimeField()
    received = models.DateTimeField()
    payload = models.TextField()

    class Meta:
        db_table = "brought_health"

    def __str__(self) -> str:
        return f"{self.station} at {self.seq}"


class Command(models.Model):
    """A command for a station: the page writes it, the collector sends it until it is answered or expires.

    An answer empties its ``body``.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    station = models.CharField(max_length=STATION_LENGTH)
    session = models.CharField(max_length=ID_LENGTH, blank=True)
    body = models.TextField()
    not_before = models.DateTimeField()
    expires = models.DateTimeField()
    sent = models.DateTimeField(null=True)
    answered = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "command"
        indexes: ClassVar = [
            models.Index(fields=["station", "expires"], name="command_station"),
            models.Index(fields=["not_before"], name="command_unsent", condition=models.Q(sent=None)),
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.ordered or self.id[:8]}"

    @property
    def ordered(self) -> str:
        """What was ordered, as the contract names it; empty where it was answered."""
        return decoder(_Ordered).decode(self.body).do if self.body else ""

    def get_additional_data(self) -> dict[str, str]:
        """What the log says of it beside the station: auditlog asks for it by this name."""
        return {"do": self.ordered}


class _Ordered(msgspec.Struct):
    do: str = ""


class Picture(models.Model):
    """What a station's screen showed, as its answer to a command; ``session`` where it was asked for one."""

    command = models.CharField(primary_key=True, max_length=ID_LENGTH)
    station = models.CharField(max_length=STATION_LENGTH)
    session = models.CharField(max_length=ID_LENGTH, blank=True)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    received = models.DateTimeField()

    class Meta:
        db_table = "picture"
        indexes: ClassVar = [models.Index(fields=["station", "session"], name="picture_session")]

    def __str__(self) -> str:
        return f"{self.station} {self.session[:8]}"


class SchoolSession(models.Model):
    """A part of a school's session of the running week, for acks alone; what is older is forgotten."""

    pk = models.CompositePrimaryKey("station", "session", "part")
    station = models.CharField(max_length=STATION_LENGTH)
    session = models.CharField(max_length=ID_LENGTH)
    part = models.PositiveSmallIntegerField()
    site = models.CharField(max_length=SITE_LENGTH)
    week = models.CharField(max_length=WEEK_LENGTH)
    counting = models.FloatField()
    tv_off = models.BooleanField()

    class Meta:
        db_table = "school_session"
        indexes: ClassVar = [models.Index(fields=["site", "week"], name="school_session_site")]

    def __str__(self) -> str:
        return f"{self.station} {self.session[:8]} part {self.part}"


class SiteWeek(models.Model):
    """Whether a school has met its running week, for acks alone: no verdict, that is reckoned from the records."""

    pk = models.CompositePrimaryKey("site", "week")
    site = models.CharField(max_length=SITE_LENGTH)
    week = models.CharField(max_length=WEEK_LENGTH)
    met_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "site_week"

    def __str__(self) -> str:
        return f"{self.site} {self.week}"


class LostRange(models.Model):
    """Records that a box held no more before the centre had them."""

    station = models.CharField(max_length=STATION_LENGTH, db_index=True)
    journal = models.CharField(max_length=ID_LENGTH)
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    booked = models.DateTimeField()

    class Meta:
        db_table = "lost_range"

    def __str__(self) -> str:
        return f"{self.station} {self.first_seq} to {self.last_seq}"


class HashMismatch(models.Model):
    """A box holds another record than the centre at the same number: two cards go by one journal's name."""

    pk = models.CompositePrimaryKey("station", "journal")
    station = models.CharField(max_length=STATION_LENGTH)
    journal = models.CharField(max_length=ID_LENGTH)
    seq = models.BigIntegerField()
    theirs = models.CharField(max_length=HASH_LENGTH)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        db_table = "hash_mismatch"

    def __str__(self) -> str:
        return f"{self.station} at {self.seq}"


class Quarantined(models.Model):
    """A message that was dropped, cut short; the oldest are forgotten."""

    received = models.DateTimeField()
    topic = models.CharField(max_length=128)
    reason = models.CharField(max_length=300)
    payload = models.BinaryField()

    class Meta:
        db_table = "quarantine"

    def __str__(self) -> str:
        return f"{self.topic}: {self.reason}"
