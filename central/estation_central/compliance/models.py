"""Tables of what was reckoned from the records; all of it can be made again (`estation-central reckon --all`)."""
# A field's type is known to Django's plugin of mypy only, which wants the environment of a running centre:
# mypy: disable-error-code="var-annotated"
# ruff: noqa: D106 (``Meta`` is Django's own word and says nothing new)

from __future__ import annotations

from typing import ClassVar

from django.db import models

from estation_central.stations.models import HASH_LENGTH, ID_LENGTH, SITE_LENGTH, STATION_LENGTH, WEEK_LENGTH

DAY_LENGTH = 10  # 2026-11-24, a local day
MONTH_LENGTH = 7  # 2026-11
LANGUAGE_LENGTH = 15
NAME_LENGTH = 64
TOPIC_LENGTH = 40
ITEM_COLUMNS = ("topic", "language", "site", "times", "milliseconds")
"""A year of the network is hundreds of thousands of these rows: with all of them in the index no row is looked up."""


class ReckonedJournal(models.Model):
    """Up to which record of a journal everything is in these tables."""

    pk = models.CompositePrimaryKey("station", "journal")
    station = models.CharField(max_length=STATION_LENGTH)
    journal = models.CharField(max_length=ID_LENGTH)
    watermark = models.BigIntegerField()

    class Meta:
        db_table = "reckoned_journal"

    def __str__(self) -> str:
        return f"{self.station} up to {self.watermark}"


class ReckonedSite(models.Model):
    """By which terms a site was reckoned last (a digest of them), and up to which week."""

    site = models.CharField(primary_key=True, max_length=SITE_LENGTH)
    terms = models.CharField(max_length=HASH_LENGTH)
    week = models.CharField(max_length=WEEK_LENGTH)

    class Meta:
        db_table = "reckoned_site"

    def __str__(self) -> str:
        return f"{self.site} up to {self.week}"


class SiteVerdict(models.Model):
    """One week of one site: the verdict, the four columns, what stood in the way, and what it was before."""

    pk = models.CompositePrimaryKey("site", "week")
    site = models.CharField(max_length=SITE_LENGTH)
    week = models.CharField(max_length=WEEK_LENGTH)
    verdict = models.CharField(max_length=7)
    cause = models.CharField(max_length=13)
    lost = models.CharField(max_length=5)
    shut = models.CharField(max_length=200)
    rooms = models.IntegerField()
    met_rooms = models.IntegerField()
    sessions_confirmed = models.IntegerField()
    sessions_unknown = models.IntegerField()
    sessions_guessed = models.IntegerField()
    sessions_off = models.IntegerField()
    seconds_confirmed = models.FloatField()
    seconds_unknown = models.FloatField()
    seconds_guessed = models.FloatField()
    seconds_off = models.FloatField()
    reopened_at = models.DateTimeField(null=True)
    reopened_why = models.CharField(max_length=20)
    late = models.IntegerField()
    before = models.TextField()

    class Meta:
        db_table = "site_verdict"
        indexes: ClassVar = [models.Index(fields=["week", "verdict", "cause", "site"], name="site_verdict_stands")]

    def __str__(self) -> str:
        return f"{self.site} {self.week}: {self.verdict}"


class Showing(models.Model):
    """One session as it was reckoned: its week and local day, its evidence, seconds, and who asked for it."""

    pk = models.CompositePrimaryKey("station", "session")
    station = models.CharField(max_length=STATION_LENGTH)
    session = models.CharField(max_length=ID_LENGTH)
    week = models.CharField(max_length=WEEK_LENGTH)
    day = models.CharField(max_length=DAY_LENGTH)
    evidence = models.CharField(max_length=13)
    enough = models.BooleanField()
    counting = models.FloatField()
    shown = models.FloatField()
    origin = models.CharField(max_length=8)
    series = models.CharField(max_length=200)
    attendance = models.BigIntegerField(null=True)

    class Meta:
        db_table = "showing"
        indexes: ClassVar = [models.Index(fields=["day"], name="showing_day")]

    def __str__(self) -> str:
        return f"{self.station} {self.day}"


class SiteMonth(models.Model):
    """The sums of a site's sessions of a local month, by series; of TVs that were off nothing. See `figures`."""

    pk = models.CompositePrimaryKey("site", "month", "series")
    site = models.CharField(max_length=SITE_LENGTH)
    month = models.CharField(max_length=MONTH_LENGTH)
    series = models.CharField(max_length=200)
    sessions = models.IntegerField()
    enough = models.IntegerField()
    seconds = models.FloatField()
    attendances = models.BigIntegerField(null=True)
    told = models.IntegerField()

    class Meta:
        db_table = "site_month"
        indexes: ClassVar = [models.Index(fields=["month"], name="site_month_month")]

    def __str__(self) -> str:
        return f"{self.site} {self.month}"


class StationStay(models.Model):
    """The days of the weeks in which a station was a site's, both included. See `registry.standing`."""

    pk = models.CompositePrimaryKey("station", "first_day")
    station = models.CharField(max_length=STATION_LENGTH)
    first_day = models.CharField(max_length=DAY_LENGTH)
    last_day = models.CharField(max_length=DAY_LENGTH)
    site = models.CharField(max_length=SITE_LENGTH)

    class Meta:
        db_table = "station_stay"
        indexes: ClassVar = [models.Index(fields=["site"], name="station_stay_site")]

    def __str__(self) -> str:
        return f"{self.station} at {self.site} until {self.last_day}"


class SiteTopicDay(models.Model):
    """How often and how long items were shown at a site on a local day, by topic and language. See `figures`."""

    pk = models.CompositePrimaryKey("site", "day", "topic", "language")
    site = models.CharField(max_length=SITE_LENGTH)
    day = models.CharField(max_length=DAY_LENGTH)
    topic = models.CharField(max_length=TOPIC_LENGTH)
    language = models.CharField(max_length=LANGUAGE_LENGTH)
    times = models.BigIntegerField()
    milliseconds = models.BigIntegerField()

    class Meta:
        db_table = "site_topic_day"
        indexes: ClassVar = [models.Index(fields=["day", *ITEM_COLUMNS], name="site_topic_day_day")]

    def __str__(self) -> str:
        return f"{self.site} {self.day} {self.topic}"


class SiteTopicMonth(models.Model):
    """The same of a local month."""

    pk = models.CompositePrimaryKey("site", "month", "topic", "language")
    site = models.CharField(max_length=SITE_LENGTH)
    month = models.CharField(max_length=MONTH_LENGTH)
    topic = models.CharField(max_length=TOPIC_LENGTH)
    language = models.CharField(max_length=LANGUAGE_LENGTH)
    times = models.BigIntegerField()
    milliseconds = models.BigIntegerField()

    class Meta:
        db_table = "site_topic_month"
        indexes: ClassVar = [models.Index(fields=["month", *ITEM_COLUMNS], name="site_topic_month_month")]

    def __str__(self) -> str:
        return f"{self.site} {self.month} {self.topic}"


class ItemShown(models.Model):
    """How often and how long an item was shown in a session, in a language; milliseconds, so that sums are exact."""

    pk = models.CompositePrimaryKey("station", "session", "content", "language")
    station = models.CharField(max_length=STATION_LENGTH)
    session = models.CharField(max_length=ID_LENGTH)
    content = models.CharField(max_length=HASH_LENGTH)
    language = models.CharField(max_length=LANGUAGE_LENGTH)
    times = models.BigIntegerField()
    milliseconds = models.BigIntegerField()

    class Meta:
        db_table = "item_shown"

    def __str__(self) -> str:
        return f"{self.content[:8]} {self.times}"


class ItemMonth(models.Model):
    """How often and how long an item was shown at a site in a local month, at TVs that were not off. See `plays`."""

    pk = models.CompositePrimaryKey("site", "month", "content")
    site = models.CharField(max_length=SITE_LENGTH)
    month = models.CharField(max_length=MONTH_LENGTH)
    content = models.CharField(max_length=HASH_LENGTH)
    times = models.BigIntegerField()
    milliseconds = models.BigIntegerField()

    class Meta:
        db_table = "item_month"
        indexes: ClassVar = [models.Index(fields=["content", "site", "month"], name="item_month_sites")]

    def __str__(self) -> str:
        return f"{self.content[:8]} {self.site} {self.month}"


class ItemTotal(models.Model):
    """The sums of `ItemMonth` over all sites: what a page over the whole network reads instead of them."""

    pk = models.CompositePrimaryKey("month", "content")
    month = models.CharField(max_length=MONTH_LENGTH)
    content = models.CharField(max_length=HASH_LENGTH)
    times = models.BigIntegerField()
    milliseconds = models.BigIntegerField()

    class Meta:
        db_table = "item_total"

    def __str__(self) -> str:
        return f"{self.content[:8]} {self.month}"


class AttendanceCounted(models.Model):
    """The last word on who was there, where it came in a record of its own; before what the session's end says."""

    pk = models.CompositePrimaryKey("station", "session")
    station = models.CharField(max_length=STATION_LENGTH)
    session = models.CharField(max_length=ID_LENGTH)
    number = models.BigIntegerField()

    class Meta:
        db_table = "attendance_counted"

    def __str__(self) -> str:
        return f"{self.session[:8]} {self.number}"


class BulletinShown(models.Model):
    """How often a bulletin was on a screen, by day as the box told it; of a guessed clock, the day it was received."""

    pk = models.CompositePrimaryKey("station", "bulletin", "day")
    station = models.CharField(max_length=STATION_LENGTH)
    bulletin = models.CharField(max_length=NAME_LENGTH)
    day = models.CharField(max_length=DAY_LENGTH)
    times = models.BigIntegerField()

    class Meta:
        db_table = "bulletin_shown"

    def __str__(self) -> str:
        return f"{self.bulletin} {self.day}"


class ItemTopic(models.Model):
    """The topic of an item, by the catalogue that was read last."""

    content = models.CharField(primary_key=True, max_length=HASH_LENGTH)
    topic = models.CharField(max_length=TOPIC_LENGTH)

    class Meta:
        db_table = "item_topic"

    def __str__(self) -> str:
        return f"{self.content[:8]} {self.topic}"


class PageView(models.Model):
    """How often the public page of a bulletin was opened on a day. A number, and nothing of who opened it."""

    pk = models.CompositePrimaryKey("bulletin", "day")
    bulletin = models.CharField(max_length=NAME_LENGTH)
    day = models.CharField(max_length=DAY_LENGTH)
    views = models.BigIntegerField()

    class Meta:
        db_table = "page_view"

    def __str__(self) -> str:
        return f"{self.bulletin} {self.day}: {self.views}"
